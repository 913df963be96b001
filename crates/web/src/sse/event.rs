use std::borrow::Cow;

use bytes::Bytes;
use serde::Serialize;

use crate::Problem;
use crate::problem::Place;

/// One event: a name, JSON, and an id to go on from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SseEvent {
    name: Cow<'static, str>,
    data: String,
    id: Option<String>,
    last: bool,
}

impl SseEvent {
    /// An event with `data` as JSON. One called `done`, `error` or `timeout` is the last.
    pub fn new(name: impl Into<Cow<'static, str>>, data: &impl Serialize) -> Self {
        let data = serde_json::to_string(data).unwrap_or_else(|error| {
            tracing::error!(%error, "an event cannot be written as JSON");
            "null".to_owned()
        });
        let name = name.into();
        let last = matches!(&*name, "done" | "error" | "timeout");
        Self { name, data, id: None, last }
    }

    /// An event without a name, as other protocols than ours have them.
    pub fn unnamed(data: &impl Serialize) -> Self {
        Self::new("", data)
    }

    /// An event without a name whose data is this text.
    pub fn text(text: &'static str) -> Self {
        Self { name: Cow::Borrowed(""), data: text.to_owned(), id: None, last: false }
    }

    /// The last event of a stream that went well.
    pub fn done(data: &impl Serialize) -> Self {
        Self { last: true, ..Self::new("done", data) }
    }

    /// The last event of a stream that failed.
    pub fn error(problem: &Problem) -> Self {
        Self { last: true, ..Self::new("error", &problem.body(&Place::default())) }
    }

    /// The last event of a stream that took too long.
    pub fn timeout(data: &impl Serialize) -> Self {
        Self { last: true, ..Self::new("timeout", data) }
    }

    /// Names the event, for `Last-Event-ID`.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Nothing follows it.
    #[must_use]
    pub fn ending(mut self) -> Self {
        self.last = true;
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its data, as JSON.
    pub fn data(&self) -> &str {
        &self.data
    }

    /// Whether nothing comes after it.
    pub fn is_last(&self) -> bool {
        self.last
    }

    /// What is sent. JSON of serde has no line breaks; ids and names lose theirs.
    pub(super) fn bytes(&self) -> Bytes {
        let mut text = String::with_capacity(self.data.len() + 64);
        if let Some(id) = &self.id {
            text.extend(["id: ", &one_line(id), "\n"]);
        }
        if !self.name.is_empty() {
            text.extend(["event: ", &one_line(&self.name), "\n"]);
        }
        text.extend(["data: ", &self.data, "\n\n"]);
        text.into()
    }
}

fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r', '\0']) { text.replace(['\n', '\r', '\0'], "").into() } else { text.into() }
}
