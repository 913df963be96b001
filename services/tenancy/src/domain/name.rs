//! Names as people type them: trimmed, on one line, not empty.

/// A name that may be shown and stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name(String);

/// Why a text is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NameError {
    #[error("must not be empty")]
    Empty,
    #[error("must have at most {0} characters")]
    TooLong(usize),
    #[error("must not contain control characters")]
    Control,
}

impl Name {
    /// Takes at most `limit` characters, without the space around them.
    pub(crate) fn parse(text: &str, limit: usize) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.chars().count() > limit {
            return Err(NameError::TooLong(limit));
        }
        if text.chars().any(char::is_control) {
            return Err(NameError::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name of the workspace that is made for a person.
    pub(crate) fn of_first_workspace(person: &str) -> Self {
        const ROOM: usize = 80;
        let person: String = person.trim().chars().filter(|c| !c.is_control()).take(ROOM).collect();
        if person.is_empty() {
            Self("My workspace".to_owned())
        } else {
            Self(format!("{person}'s workspace"))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_inside_of_a_name() {
        assert_eq!(Name::parse("  Analytical  Engines ", 120).unwrap().as_str(), "Analytical  Engines");
    }

    #[test]
    fn refuses_what_is_no_name() {
        assert_eq!(Name::parse(" \t ", 120), Err(NameError::Empty));
        assert_eq!(Name::parse("abc", 2), Err(NameError::TooLong(2)));
        assert_eq!(Name::parse("a\u{0}b", 120), Err(NameError::Control));
        assert_eq!(Name::parse("a\nb", 120), Err(NameError::Control));
    }

    #[test]
    fn a_first_workspace_always_fits_its_column() {
        assert_eq!(Name::of_first_workspace("Ada").as_str(), "Ada's workspace");
        assert_eq!(Name::of_first_workspace("\u{7}").as_str(), "My workspace");
        assert!(Name::of_first_workspace(&"x".repeat(500)).as_str().chars().count() <= 100);
    }
}
