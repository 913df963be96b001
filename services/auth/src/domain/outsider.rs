//! Somebody whom another provider vouches for.

use chrono::{DateTime, Utc};

use super::email::EmailAddress;
use super::name::DisplayName;

/// What a verified token says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outsider {
    /// Who vouches.
    pub issuer: String,
    /// Whom it is about; with the issuer, the one thing that identifies them.
    pub subject: String,
    /// Their address, if the provider proved that they read it.
    pub proved_email: Option<EmailAddress>,
    /// What they are called.
    pub name: Option<String>,
    /// When the token was issued, unless they brought it from the provider just now.
    pub issued_at: Option<DateTime<Utc>>,
}

impl Outsider {
    /// What others see: the name that the provider knows, or what stands before the @.
    pub fn display_name(&self, email: &EmailAddress) -> DisplayName {
        let known = self.name.as_deref().and_then(|name| DisplayName::parse(name).ok());
        known.unwrap_or_else(|| DisplayName::of(email))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_cannot_be_shown_is_replaced() {
        let email = EmailAddress::parse("ada@example.org").unwrap();
        let named = |name: Option<&str>| Outsider {
            issuer: "i".to_owned(),
            subject: "s".to_owned(),
            proved_email: None,
            name: name.map(str::to_owned),
            issued_at: None,
        };
        assert_eq!(named(Some("Ada")).display_name(&email).as_str(), "Ada");
        for bad in [None, Some(" "), Some("a\u{202E}b")] {
            assert_eq!(named(bad).display_name(&email).as_str(), "ada");
        }
    }
}
