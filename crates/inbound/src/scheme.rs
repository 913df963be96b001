//! How senders sign.

mod plain;
mod standard;
mod stripe;

use actix_web::http::header::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use witan_web::Raw;

pub use self::plain::{Encoding, Hmac};
use crate::{Key, Refused};

/// How far the time of a signature may be from ours, either way.
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// More signatures than a rotation can need; each costs a computation per key.
const MOST_SIGNATURES: usize = 16;

/// A way of signing.
#[derive(Debug, Clone)]
pub enum Scheme {
    /// Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature` with `v1` (HMAC-SHA256) and `v1a` (Ed25519).
    StandardWebhooks,
    /// Stripe: `Stripe-Signature` with `t=` and one or more `v1=`. The event's id is in the body.
    Stripe,
    /// HMAC-SHA256 in a header.
    Hmac(Hmac),
}

/// What a signature that holds says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The sender's id of the event, if the scheme signs one.
    pub id: Option<String>,
    /// When it was signed, if the scheme says so.
    pub at: Option<DateTime<Utc>>,
}

impl Scheme {
    /// Checks a request with any of the keys.
    ///
    /// # Errors
    /// With the reason why it is not believed.
    pub fn verify(&self, request: &Raw, keys: &[Key], now: DateTime<Utc>) -> Result<Signed, Refused> {
        let signed = match self {
            Self::StandardWebhooks => standard::verify(request, keys)?,
            Self::Stripe => stripe::verify(request, keys)?,
            Self::Hmac(hmac) => hmac.verify(request, keys)?,
        };
        match signed.at {
            // Only whoever can sign is told about the time.
            Some(at) if (now - at).abs() > TOLERANCE => Err(Refused::Stale),
            _ => Ok(signed),
        }
    }
}

/// A header that is there once, and a text.
fn header<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Refused> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map_err(|_| Refused::Header(name)),
        _ => Err(Refused::Header(name)),
    }
}

/// Seconds since 1970, in digits and nothing else: another spelling of the same number would be signed differently.
fn seconds(text: &str) -> Option<DateTime<Utc>> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    DateTime::from_timestamp(text.parse().ok()?, 0)
}

#[cfg(test)]
pub(crate) mod tests;
