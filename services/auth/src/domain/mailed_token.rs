//! Tokens that travel in a mailed link.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use witan_clock::Clock;

const BYTES: usize = 32;

/// What a token may be redeemed for. One made for one thing is unknown to every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Proves an address and opens its account.
    VerifyEmail,
    /// Sets a new password.
    ResetPassword,
    /// Logs in.
    MagicLink,
    /// Proves the address that an account is to have.
    ChangeEmail,
    /// Opens a closed account, or takes its deletion back.
    RestoreAccount,
}

impl Purpose {
    /// The purpose's name in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "VERIFY_EMAIL",
            Self::ResetPassword => "RESET_PASSWORD",
            Self::MagicLink => "MAGIC_LINK",
            Self::ChangeEmail => "CHANGE_EMAIL",
            Self::RestoreAccount => "RESTORE_ACCOUNT",
        }
    }
}

/// 256 random bits. Only the [`digest`](Self::digest) is ever stored; 256 bits need no slow hash.
pub struct MailedToken(String);

impl MailedToken {
    /// A new token.
    pub fn generate(clock: &Clock) -> Self {
        Self(URL_SAFE_NO_PAD.encode(clock.random::<BYTES>()))
    }

    /// The token as somebody presents it; `None` for what was never one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == BYTES).then(|| Self(text.to_owned()))
    }

    /// The secret, for the link.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the table knows it by.
    pub fn digest(&self) -> Vec<u8> {
        digest(&SHA256, self.0.as_bytes()).as_ref().to_vec()
    }
}

impl fmt::Debug for MailedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailedToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use witan_clock::ManualClock;

    use super::*;

    #[test]
    fn is_found_again_by_its_digest() {
        let clock = ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock();
        let (one, other) = (MailedToken::generate(&clock), MailedToken::generate(&clock));
        assert_eq!(MailedToken::parse(one.expose()).unwrap().digest(), one.digest());
        assert_ne!(one.digest(), other.digest());
        assert_eq!(one.digest().len(), 32);
        assert!(!format!("{one:?}").contains(one.expose()));
    }

    #[test]
    fn anything_else_is_none() {
        for text in ["", "short", &"a".repeat(42), &"a".repeat(44), &"=".repeat(43)] {
            assert!(MailedToken::parse(text).is_none(), "{text:?}");
        }
    }
}
