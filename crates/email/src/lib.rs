#![doc = include_str!("../README.md")]

use std::fmt;

/// Longest address a mail server must accept (RFC 5321 §4.5.3.1, less the angle brackets).
pub const MAX_ADDRESS: usize = 254;
const MAX_LOCAL: usize = 64;

/// A deliverable-looking address. Two spellings of one mailbox share a [`key`](Self::key).
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress {
    address: String,
    key: String,
}

/// Why a text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Longer than [`MAX_ADDRESS`] or its local part longer than 64.
    #[error("is too long")]
    TooLong,
    /// No `@`, or nothing before it.
    #[error("needs a name, an @ and a domain")]
    Incomplete,
    /// A quoted, commented, spaced or non-ASCII local part.
    #[error("has a character that may not stand before the @")]
    LocalPart,
    /// An IP literal, a single label, or no domain name at all.
    #[error("has no valid domain after the @")]
    Domain,
}

impl EmailAddress {
    /// Takes the common `dot-atom@domain` form of RFC 5321; the domain may be internationalised.
    ///
    /// # Errors
    /// The first reason found, see [`EmailError`].
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.len() > MAX_ADDRESS {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Incomplete)?;
        check_local(local)?;
        let domain = parse_domain(domain)?;
        let address = format!("{local}@{domain}");
        if address.len() > MAX_ADDRESS {
            return Err(EmailError::TooLong);
        }
        let key = address.to_ascii_lowercase();
        Ok(Self { address, key })
    }

    /// The address as its owner writes it: what mail is sent to.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The case-folded form that is unique among accounts. Strictly the part before the `@` may be
    /// case-sensitive; no provider of note does that, and two accounts for one mailbox would hurt.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What stands after the `@`, in ASCII and in small letters.
    pub fn domain(&self) -> &str {
        self.address.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        self.address.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(…)")
    }
}

fn check_local(local: &str) -> Result<(), EmailError> {
    if local.is_empty() {
        return Err(EmailError::Incomplete);
    }
    if local.len() > MAX_LOCAL {
        return Err(EmailError::TooLong);
    }
    let atoms_are_valid = local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atext));
    if atoms_are_valid { Ok(()) } else { Err(EmailError::LocalPart) }
}

/// RFC 5322 §3.2.3 `atext`.
fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// The domain of addresses, in ASCII and in small letters; at least two labels.
///
/// # Errors
/// When it is none.
pub fn parse_domain(text: &str) -> Result<String, EmailError> {
    // A percent sign would be decoded by the URL rules and could smuggle other characters in.
    if text.contains('%') {
        return Err(EmailError::Domain);
    }
    let Ok(url::Host::Domain(domain)) = url::Host::parse(text) else {
        return Err(EmailError::Domain);
    };
    let labels_are_valid = domain.split('.').all(is_label);
    if domain.len() <= 253 && domain.contains('.') && labels_are_valid {
        Ok(domain)
    } else {
        Err(EmailError::Domain)
    }
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keeps_the_owners_spelling_and_folds_the_key() {
        let address = EmailAddress::parse("  Ada.Lovelace+news@Example.ORG ").unwrap();
        assert_eq!(address.as_str(), "Ada.Lovelace+news@example.org");
        assert_eq!(address.key(), "ada.lovelace+news@example.org");
        assert_eq!(address.local_part(), "Ada.Lovelace+news");
        assert_eq!(address.domain(), "example.org");
    }

    #[test]
    fn an_internationalised_domain_becomes_ascii() {
        let address = EmailAddress::parse("ada@bücher.example").unwrap();
        assert_eq!(address.key(), "ada@xn--bcher-kva.example");
        for domain in ["bücher.example", "BÜCHER.Example", "xn--bcher-kva.example"] {
            assert_eq!(parse_domain(domain).unwrap(), address.domain());
        }
    }

    #[test]
    fn each_mistake_has_its_reason() {
        let long_local = format!("{}@example.org", "a".repeat(65));
        let long = format!("a@{}.org", "b.".repeat(130));
        let cases = [
            ("", EmailError::Incomplete),
            ("ada", EmailError::Incomplete),
            ("@example.org", EmailError::Incomplete),
            ("ada@", EmailError::Domain),
            ("ada@localhost", EmailError::Domain),
            ("ada@127.0.0.1", EmailError::Domain),
            ("ada@[::1]", EmailError::Domain),
            ("ada@exa%6dple.org", EmailError::Domain),
            ("ada@-example.org", EmailError::Domain),
            ("ada@example..org", EmailError::Domain),
            ("ada@exa_mple.org", EmailError::Domain),
            ("a b@example.org", EmailError::LocalPart),
            (".ada@example.org", EmailError::LocalPart),
            ("a..b@example.org", EmailError::LocalPart),
            ("\"ada\"@example.org", EmailError::LocalPart),
            ("ada@evil.org@example.org", EmailError::LocalPart),
            ("ada\r\nBcc: x@example.org", EmailError::LocalPart),
            ("адa@example.org", EmailError::LocalPart),
            (long_local.as_str(), EmailError::TooLong),
            (long.as_str(), EmailError::TooLong),
        ];
        for (text, reason) in cases {
            assert_eq!(EmailAddress::parse(text).unwrap_err(), reason, "{text:?}");
        }
    }

    #[test]
    fn debug_output_does_not_show_the_address() {
        let address = EmailAddress::parse("ada@example.org").unwrap();
        assert!(!format!("{address:?}").contains("ada"));
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_is_stable(text in "\\PC{0,300}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                let again = EmailAddress::parse(address.as_str()).unwrap();
                prop_assert_eq!(again, address);
            }
        }

        #[test]
        fn what_is_accepted_is_safe_in_a_mail_header(text in "[ -~\r\n]{1,12}@[ -~\r\n]{1,12}\\.org") {
            if let Ok(address) = EmailAddress::parse(&text) {
                let safe = |c: char| c.is_ascii_graphic() && !"<>()[],;:\\\"".contains(c);
                prop_assert!(address.as_str().chars().all(safe));
            }
        }
    }
}
