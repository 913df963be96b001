//! Codes of an authenticator app: RFC 6238 as every app speaks it, with SHA-1, six digits and thirty seconds.
//!
//! A code works once. The step it belongs to is remembered, and nothing at or before that step is taken again, so
//! whoever looks over a shoulder is too late (RFC 6238, 5.2).

use std::fmt;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use chrono::{DateTime, Utc};
use url::Url;
use witan_clock::Clock;

use super::base32;

/// Bytes of a secret: as many as the hash puts out (RFC 4226, 4).
pub const SECRET_LENGTH: usize = 20;
const STEP_SECONDS: i64 = 30;
const DIGITS: usize = 6;
const MODULUS: u32 = 1_000_000;
/// Steps that a phone's clock may be early or late.
const DRIFT: i64 = 1;

/// What an app and we share. Stored encrypted.
pub struct TotpSecret([u8; SECRET_LENGTH]);

/// Six digits, as somebody presents them.
#[derive(Clone)]
pub struct TotpCode([u8; DIGITS]);

impl TotpSecret {
    /// A new secret.
    pub fn generate(clock: &Clock) -> Self {
        Self(clock.random())
    }

    /// The secret from its bytes; `None` if they are not as many as there must be.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, to be encrypted.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The secret for those who type it.
    pub fn text(&self) -> String {
        base32::encode(&self.0)
    }

    /// What a QR code says: the secret, and the name that the app shows it under.
    ///
    /// # Errors
    /// None in practice; the scheme is fixed.
    pub fn uri(&self, issuer: &str, account: &str) -> Result<Url, url::ParseError> {
        let mut uri = Url::parse("otpauth://totp/")?;
        uri.set_path(&format!("{}:{}", escaped(issuer), escaped(account)));
        // Apps read a plus sign as itself, so spaces are escaped as in a path.
        uri.set_query(Some(&format!("secret={}&issuer={}", self.text(), escaped(issuer))));
        Ok(uri)
    }

    /// The step that `code` is good for at `now`, if it is good and later than `last`, the last step taken.
    /// Every step is compared, so the time it takes does not say which one it was.
    pub fn accept(&self, code: &TotpCode, now: DateTime<Utc>, last: Option<i64>) -> Option<i64> {
        let current = now.timestamp().div_euclid(STEP_SECONDS);
        let mut accepted = None;
        for step in current - DRIFT..=current + DRIFT {
            let equal = verify_slices_are_equal(&self.at_step(step), &code.0).is_ok();
            if equal && last.is_none_or(|last| step > last) && accepted.is_none() {
                accepted = Some(step);
            }
        }
        accepted
    }

    /// The code that an app shows at `time`.
    pub fn code(&self, time: DateTime<Utc>) -> TotpCode {
        TotpCode(self.at_step(time.timestamp().div_euclid(STEP_SECONDS)))
    }

    fn at_step(&self, step: i64) -> [u8; DIGITS] {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag[tag.len() - 1] & 15);
        let word = tag[offset..offset + 4].iter().fold(0, |word: u32, byte| word << 8 | u32::from(*byte));
        let mut rest = (word & 0x7fff_ffff) % MODULUS;
        let mut digits = [b'0'; DIGITS];
        for digit in digits.iter_mut().rev() {
            *digit += (rest % 10) as u8;
            rest /= 10;
        }
        digits
    }
}

impl TotpCode {
    /// Six digits; spaces between them are how apps show them. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
        let digits: [u8; DIGITS] = digits.try_into().ok()?;
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
    }

    /// The digits, as an app shows them.
    pub fn text(&self) -> String {
        self.0.iter().copied().map(char::from).collect()
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

impl fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpCode(…)")
    }
}

/// Percent-encoded, everything but what RFC 3986 calls unreserved.
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
        escaped
    })
}

#[cfg(test)]
#[path = "totp/tests.rs"]
mod tests;
