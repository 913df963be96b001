//! What somebody was asked to prove: a log-in that waits for its second factor, or what a passkey is to sign.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use witan_clock::Clock;

/// Bytes of one: more than the sixteen that WebAuthn asks for (L3, 13.4.3).
pub const LENGTH: usize = 32;
/// How long it may be answered.
pub const LASTS: TimeDelta = TimeDelta::minutes(5);

/// What a challenge is answered for. One of one kind is unknown to every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A log-in that waits for its second factor.
    Login,
    /// A passkey that is to say who somebody is.
    SignIn,
    /// A passkey that is to be registered.
    Registration,
    /// A passkey that is to prove once more who is calling.
    StepUp,
}

impl Purpose {
    /// The purpose's name in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Login => "LOGIN",
            Self::SignIn => "SIGN_IN",
            Self::Registration => "REGISTRATION",
            Self::StepUp => "STEP_UP",
        }
    }
}

/// 256 random bits. Only the [`digest`](Self::digest) is ever stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge([u8; LENGTH]);

impl Challenge {
    /// A new one.
    pub fn generate(clock: &Clock) -> Self {
        Self(clock.random())
    }

    /// The challenge as somebody presents it; `None` for what was never one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The text that is handed out.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the table knows it by.
    pub fn digest(&self) -> Vec<u8> {
        digest(&SHA256, &self.0).as_ref().to_vec()
    }

    /// What a passkey signs to answer a log-in that waits. A page hands this to the browser, and keeps the token that
    /// it follows from.
    #[must_use]
    pub fn for_passkey(&self) -> Self {
        let mut derived = [0; LENGTH];
        let bytes = [b"witan.login.passkey\0".as_slice(), &self.0].concat();
        derived.copy_from_slice(digest(&SHA256, &bytes).as_ref());
        Self(derived)
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge(…)")
    }
}

#[cfg(test)]
mod tests {
    use witan_clock::ManualClock;

    use super::*;

    #[test]
    fn is_found_again_by_its_digest() {
        let clock = ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock();
        let (one, other) = (Challenge::generate(&clock), Challenge::generate(&clock));
        assert_eq!(Challenge::parse(&one.text()), Some(one.clone()));
        assert_ne!(one.digest(), other.digest());
        assert!(!format!("{one:?}").contains(&one.text()));
    }

    #[test]
    fn what_a_passkey_signs_does_not_tell_the_token() {
        let one = Challenge::generate(&ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock());
        assert_ne!(one.for_passkey(), one);
        assert_ne!(one.for_passkey().digest(), one.digest());
        assert_eq!(one.for_passkey(), one.for_passkey());
    }

    #[test]
    fn anything_else_is_none() {
        for text in ["", "short", &"a".repeat(42), &"a".repeat(44), &"=".repeat(43)] {
            assert!(Challenge::parse(text).is_none(), "{text:?}");
        }
    }
}
