use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One span, as much of it as a person looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Span {
    pub(crate) trace_id: String,
    pub(crate) span_id: String,
    /// Empty for the first span of a trace.
    pub(crate) parent_id: String,
    pub(crate) service: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Nanoseconds since 1970.
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// What went wrong, when something did.
    pub(crate) error: Option<String>,
    pub(crate) attributes: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Kind {
    #[default]
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

impl Span {
    pub(crate) fn nanos(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// About how much memory it takes.
    pub(crate) fn weight(&self) -> usize {
        let attributes: usize =
            self.attributes.iter().map(|(name, value)| name.len() + value.len() + 64).sum();
        320 + self.name.len() + self.service.len() + attributes + self.error.as_ref().map_or(0, String::len)
    }
}

/// "1.24 s", "18.3 ms", "640 µs".
pub(crate) fn duration(nanos: u64) -> String {
    let nanos = nanos as f64;
    match nanos {
        n if n >= 1e9 => format!("{:.2} s", n / 1e9),
        n if n >= 1e7 => format!("{:.0} ms", n / 1e6),
        n if n >= 1e6 => format!("{:.1} ms", n / 1e6),
        n => format!("{:.0} µs", n / 1e3),
    }
}
