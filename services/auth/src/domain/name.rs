//! What a person calls themselves.

use super::email::EmailAddress;

/// Longest name in characters.
pub const MAX_NAME: usize = 100;

/// A display name: trimmed, one line, not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisplayName(String);

/// Why a text is no display name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// More than [`MAX_NAME`] characters.
    #[error("must not be longer than 100 characters")]
    TooLong,
    /// A line break or another control character.
    #[error("must not contain control characters")]
    Control,
}

impl DisplayName {
    /// # Errors
    /// The first reason found, see [`NameError`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.chars().count() > MAX_NAME {
            return Err(NameError::TooLong);
        }
        if text.chars().any(is_forbidden) {
            return Err(NameError::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// What stands before the @ of an address, which always is a name.
    pub fn of(email: &EmailAddress) -> Self {
        Self(email.local_part().to_owned())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, and the marks that reorder the text around them and so let a name lie.
fn is_forbidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_and_keeps_any_script() {
        assert_eq!(DisplayName::parse("  Ада Лавлейс ").unwrap().as_str(), "Ада Лавлейс");
    }

    #[test]
    fn each_mistake_has_its_reason() {
        let long = "ü".repeat(101);
        let cases = [
            (" \t ", NameError::Empty),
            (long.as_str(), NameError::TooLong),
            ("a\nb", NameError::Control),
            ("a\u{202E}b", NameError::Control),
        ];
        for (text, reason) in cases {
            assert_eq!(DisplayName::parse(text).unwrap_err(), reason, "{text:?}");
        }
        assert!(DisplayName::parse(&"ü".repeat(100)).is_ok());
    }
}
