//! Which events an endpoint wants.
//!
//! `*` is every event; `prefix.*` every event with one or more further segments, however deep; anything else is one
//! type exactly. Types that appear later are included by the first two.

use std::fmt;

/// Longer names exist nowhere in the catalogue.
const MAX_LENGTH: usize = 128;

/// One entry of an endpoint's `events`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pattern(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatternError {
    #[error("a pattern is `*`, `prefix.*` or an event type")]
    Malformed,
    #[error("a pattern is at most {MAX_LENGTH} characters")]
    TooLong,
}

impl Pattern {
    pub(crate) fn parse(text: &str) -> Result<Self, PatternError> {
        if text.len() > MAX_LENGTH {
            return Err(PatternError::TooLong);
        }
        let named = if text == "*" {
            return Ok(Self(text.to_owned()));
        } else {
            text.strip_suffix(".*").unwrap_or(text)
        };
        if named.is_empty() || !named.split('.').all(is_segment) {
            return Err(PatternError::Malformed);
        }
        Ok(Self(text.to_owned()))
    }

    #[cfg(test)]
    pub(crate) fn matches(&self, event_type: &str) -> bool {
        matching(event_type).contains(&self.0)
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }

    /// Whether the pattern names one type, which then must exist.
    pub(crate) fn exact(&self) -> Option<&str> {
        (!self.0.ends_with('*')).then_some(self.0.as_str())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_segment(segment: &str) -> bool {
    !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Every pattern that a type satisfies. An array overlap with it finds the endpoints, which an index could serve.
pub(crate) fn matching(event_type: &str) -> Vec<String> {
    let mut patterns = vec!["*".to_owned(), event_type.to_owned()];
    patterns.extend(event_type.match_indices('.').map(|(at, _)| format!("{}.*", &event_type[..at])));
    patterns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_three_forms_and_nothing_else() {
        for good in ["*", "agent.*", "agent.run.*", "agent.run.completed", "member.role_changed"] {
            assert_eq!(Pattern::parse(good).map(Pattern::into_string), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "**",
            ".*",
            "agent.",
            ".agent",
            "agent..run",
            "ag*",
            "agent.*.completed",
            "a b",
            "agent.*.*",
            "é.*",
        ] {
            assert_eq!(Pattern::parse(bad), Err(PatternError::Malformed), "{bad}");
        }
        assert_eq!(Pattern::parse(&"a".repeat(129)), Err(PatternError::TooLong));
    }

    #[test]
    fn a_prefix_needs_at_least_one_more_segment() {
        let agent = Pattern::parse("agent.*").unwrap();
        assert!(agent.matches("agent.run.completed"));
        assert!(agent.matches("agent.created"));
        assert!(!agent.matches("agent"));
        assert!(!agent.matches("agents.created"));
        assert!(Pattern::parse("*").unwrap().matches("startup.created"));
        assert!(!Pattern::parse("agent.run").unwrap().matches("agent.run.completed"));
    }
}
