//! Secrets that let their holder into a workspace.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use witan_clock::Clock;

const BYTES: usize = 32;

/// 256 random bits. What is stored is the [`digest`](Self::digest); 256 bits need no slow hash.
#[derive(PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn generate(clock: &Clock) -> Self {
        Self(URL_SAFE_NO_PAD.encode(clock.random::<BYTES>()))
    }

    /// A secret as somebody shows it; `None` for what was never one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == BYTES).then(|| Self(text.to_owned()))
    }

    /// The secret itself, for whom it is meant for.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// What the table knows it by.
    pub(crate) fn digest(&self) -> Vec<u8> {
        digest(&SHA256, self.0.as_bytes()).as_ref().to_vec()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use witan_clock::ManualClock;

    use super::*;

    #[test]
    fn is_known_again_by_its_digest_and_never_shown() {
        let clock = ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock();
        let (one, other) = (Secret::generate(&clock), Secret::generate(&clock));
        assert_eq!(Secret::parse(one.expose()).unwrap().digest(), one.digest());
        assert_ne!(one.digest(), other.digest());
        assert!(!format!("{one:?}").contains(one.expose()));
        for text in ["", "short", &"a".repeat(42), &"a".repeat(44), &"=".repeat(43)] {
            assert!(Secret::parse(text).is_none(), "{text:?}");
        }
    }
}
