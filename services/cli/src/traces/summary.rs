use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::span::{Kind, Span};

/// A trace in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    pub(crate) trace_id: String,
    /// What the trace began with.
    pub(crate) root: String,
    /// Nanoseconds since 1970.
    pub(crate) start: u64,
    /// From the first start to the last end.
    pub(crate) nanos: u64,
    /// In the order in which the trace reached them.
    pub(crate) services: Vec<String>,
    pub(crate) spans: usize,
    pub(crate) errors: usize,
    /// Nothing but a look for work: one span that nobody caused and that caused nothing.
    pub(crate) idle: bool,
}

impl Summary {
    pub(crate) fn of(spans: &[Span]) -> Option<Self> {
        let root = root(spans)?;
        let mut ordered: Vec<&Span> = spans.iter().collect();
        ordered.sort_by_key(|span| span.start);
        let mut services: Vec<String> = Vec::new();
        for span in &ordered {
            if !services.contains(&span.service) {
                services.push(span.service.clone());
            }
        }
        let start = ordered.first()?.start;
        let end = spans.iter().map(|span| span.end).max()?;
        Some(Self {
            trace_id: root.trace_id.clone(),
            root: root.name.clone(),
            start,
            nanos: end.saturating_sub(start),
            services,
            spans: spans.len(),
            errors: spans.iter().filter(|span| span.error.is_some()).count(),
            idle: spans.len() == 1
                && root.parent_id.is_empty()
                && root.kind == Kind::Internal
                && root.error.is_none(),
        })
    }
}

/// The earliest span whose parent is not here: a gateway or a client may have begun the
/// trace without sending spans of its own.
fn root(spans: &[Span]) -> Option<&Span> {
    let known: HashSet<&str> = spans.iter().map(|span| span.span_id.as_str()).collect();
    let roots = spans.iter().filter(|span| !known.contains(span.parent_id.as_str()));
    roots.min_by_key(|span| span.start).or_else(|| spans.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: &str, parent: &str, service: &str, times: (u64, u64)) -> Span {
        Span {
            span_id: id.to_owned(),
            parent_id: parent.to_owned(),
            service: service.to_owned(),
            name: format!("{service} {id}"),
            start: times.0,
            end: times.1,
            ..Span::default()
        }
    }

    #[test]
    fn begins_with_the_span_whose_parent_is_unknown_and_lasts_to_the_last_end() {
        let spans = [
            span("2", "1", "chat", (5, 9)),
            span("1", "gateway", "auth", (1, 7)),
            span("3", "2", "webhooks", (8, 30)),
        ];
        let summary = Summary::of(&spans).unwrap();
        assert_eq!(summary.root, "auth 1");
        assert_eq!((summary.start, summary.nanos), (1, 29));
        assert_eq!(summary.services, ["auth", "chat", "webhooks"]);
    }

    #[test]
    fn spans_that_are_each_others_parents_still_have_a_line() {
        let spans = [span("1", "2", "a", (1, 2)), span("2", "1", "a", (1, 2))];
        assert_eq!(Summary::of(&spans).unwrap().spans, 2);
    }
}
