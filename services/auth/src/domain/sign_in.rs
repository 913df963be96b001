//! What binds a browser to the sign-in at another provider that it began.

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use witan_clock::Clock;

const BYTES: usize = 32;

/// How long a person may take at the provider.
pub const LASTS: TimeDelta = TimeDelta::minutes(10);

/// 256 random bits in a cookie. State, nonce and code verifier are derived from them, so that whoever sees the first two in
/// an address, or the row in the table, knows none of the others.
pub struct SignInSecret {
    text: String,
    key: hmac::Key,
}

impl SignInSecret {
    /// A new one.
    pub fn generate(clock: &Clock) -> Self {
        Self::of(clock.random::<BYTES>())
    }

    /// The one of a cookie; `None` for what was never one.
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self::of)
    }

    fn of(bytes: [u8; BYTES]) -> Self {
        Self { text: URL_SAFE_NO_PAD.encode(bytes), key: hmac::Key::new(hmac::HMAC_SHA256, &bytes) }
    }

    /// For the cookie.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// What the table knows it by.
    pub fn digest(&self) -> Vec<u8> {
        digest(&SHA256, self.text.as_bytes()).as_ref().to_vec()
    }

    /// What the provider sends back.
    pub fn state(&self) -> String {
        self.derive("state")
    }

    /// Whether that is it.
    pub fn is_state(&self, state: &str) -> bool {
        verify_slices_are_equal(self.state().as_bytes(), state.as_bytes()).is_ok()
    }

    /// What the ID token must hold.
    pub fn nonce(&self) -> String {
        self.derive("nonce")
    }

    /// What proves to the provider that who began redeems the code (RFC 7636).
    pub fn verifier(&self) -> String {
        self.derive("verifier")
    }

    /// What the provider is told of it beforehand: `S256`.
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, self.verifier().as_bytes()))
    }

    fn derive(&self, what: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, what.as_bytes()))
    }
}

impl fmt::Debug for SignInSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use witan_clock::ManualClock;

    use super::*;

    #[test]
    fn everything_is_derived_anew_from_the_cookie_and_no_two_are_the_same() {
        let clock = ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock();
        let (one, other) = (SignInSecret::generate(&clock), SignInSecret::generate(&clock));
        let again = SignInSecret::parse(one.expose()).unwrap();
        assert_eq!((again.state(), again.nonce(), again.digest()), (one.state(), one.nonce(), one.digest()));
        assert!(again.is_state(&one.state()) && !again.is_state(&other.state()) && !again.is_state(""));
        let all = [one.state(), one.nonce(), one.verifier(), one.challenge(), other.state()];
        assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), all.len());
        assert!((43..=128).contains(&one.verifier().len()), "RFC 7636 section 4.1");
        assert!(!format!("{one:?}").contains(one.expose()));
    }

    #[test]
    fn anything_else_is_none() {
        for text in ["", "short", &"a".repeat(42), &"a".repeat(44), &"=".repeat(43)] {
            assert!(SignInSecret::parse(text).is_none(), "{text:?}");
        }
    }
}
