//! Domains of e-mail addresses that a workspace may say are its own.

use std::collections::HashSet;
use std::sync::LazyLock;

use witan_email::{EmailError, parse_domain};

/// Where anybody gets a mailbox.
static PROVIDERS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("public_providers.txt").lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
});

/// A domain that can have one owner, in ASCII and in small letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MailDomain(String);

/// Why a text is no such domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MailDomainError {
    #[error(transparent)]
    Malformed(#[from] EmailError),
    /// Everybody registers below it, or it is not in the public DNS.
    #[error("nobody owns it alone: people register domains below it, or it is not a public one")]
    Suffix,
    /// Everybody gets a mailbox there.
    #[error("anybody gets a mailbox there")]
    Provider,
}

impl MailDomain {
    pub(crate) fn parse(text: &str) -> Result<Self, MailDomainError> {
        let text = text.trim();
        let domain = parse_domain(text.strip_suffix('.').unwrap_or(text))?;
        let known = psl::suffix(domain.as_bytes()).is_some_and(|suffix| suffix.is_known());
        let registered = psl::domain_str(&domain).filter(|_| known).ok_or(MailDomainError::Suffix)?;
        if PROVIDERS.contains(registered) || PROVIDERS.contains(domain.as_str()) {
            return Err(MailDomainError::Provider);
        }
        Ok(Self(domain))
    }

    /// The domain of an address, if somebody may own it.
    pub(crate) fn of_address(key: &str) -> Option<Self> {
        let (_, domain) = key.rsplit_once('@')?;
        Self::parse(domain).ok()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where the TXT record is looked for that proves a domain.
pub(crate) fn record_name(domain: &str) -> String {
    format!("_witan-challenge.{domain}")
}

/// What it must say.
pub(crate) fn record_value(challenge: &str) -> String {
    format!("witan-verification={challenge}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_domain_are_one() {
        for text in ["Bücher.example.ORG", "xn--bcher-kva.example.org", " BÜCHER.EXAMPLE.org. "] {
            assert_eq!(MailDomain::parse(text).unwrap().as_str(), "xn--bcher-kva.example.org", "{text}");
        }
    }

    #[test]
    fn nobody_owns_what_belongs_to_all() {
        for text in ["com", "co.uk", "github.io", "s3.amazonaws.com", "corp.internal", "example.test"] {
            let error = MailDomain::parse(text).unwrap_err();
            assert!(
                matches!(error, MailDomainError::Suffix | MailDomainError::Malformed(_)),
                "{text}: {error}"
            );
        }
        for text in ["gmail.com", "GMAIL.com", "mail.gmail.com", "yahoo.co.uk", "web.de", "proton.me"] {
            assert_eq!(MailDomain::parse(text), Err(MailDomainError::Provider), "{text}");
        }
        for text in
            ["", "localhost", "127.0.0.1", "a b.com", "-a.com", "a..com", "ada@example.org", "exa%6dple.org"]
        {
            assert!(matches!(MailDomain::parse(text), Err(MailDomainError::Malformed(_))), "{text}");
        }
    }

    #[test]
    fn what_somebody_owns_alone_is_theirs() {
        for text in ["example.org", "mail.example.co.uk", "somebody.github.io", "notgmail.com"] {
            assert_eq!(MailDomain::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(MailDomain::of_address("ada@example.org"), MailDomain::parse("example.org").ok());
        assert_eq!(MailDomain::of_address("ada@gmail.com"), None);
    }

    #[test]
    fn the_list_of_providers_is_as_domains_are_compared() {
        for provider in PROVIDERS.iter() {
            assert_eq!(parse_domain(provider).as_deref(), Ok(*provider));
        }
        assert!(PROVIDERS.len() > 200);
    }
}
