//! Standard Webhooks signatures (v1): `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use witan_clock::Clock;

const PREFIX: &str = "whsec_";
const BYTES: usize = 32;
const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// A secret shared with whoever verifies our signatures. In text it is `whsec_` and the base64 of its bytes.
#[derive(Debug, Clone)]
pub struct SigningSecret(SecretSlice<u8>);

impl SigningSecret {
    /// A new one.
    pub fn generate(clock: &Clock) -> Self {
        Self::from_bytes(clock.random::<BYTES>().to_vec())
    }

    /// One that was stored.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(SecretSlice::from(bytes))
    }

    /// To be stored, encrypted.
    pub fn bytes(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// For the one answer that shows it.
    pub fn reveal(&self) -> SecretString {
        SecretString::from(format!("{PREFIX}{}", STANDARD.encode(self.bytes())))
    }

    fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.bytes());
        let mut context = hmac::Context::with_key(&key);
        context.update(format!("{id}.{timestamp}.").as_bytes());
        context.update(body);
        format!("v1,{}", STANDARD.encode(context.sign()))
    }
}

/// Adds `webhook-id`, `webhook-timestamp` (seconds, of this attempt) and `webhook-signature` to a request.
///
/// There is one signature per secret, separated by spaces, so that either verifies during a rotation. `id` is one of
/// ours: it has no dot, which would make two messages sign alike.
pub fn sign(headers: &mut HeaderMap, secrets: &[SigningSecret], id: &str, timestamp: i64, body: &[u8]) {
    let signatures: Vec<String> = secrets.iter().map(|secret| secret.sign(id, timestamp, body)).collect();
    for (name, value) in [(ID, id), (TIMESTAMP, &timestamp.to_string()), (SIGNATURE, &signatures.join(" "))] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use standardwebhooks::Webhook;
    use witan_clock::ManualClock;

    use super::*;

    #[test]
    fn the_official_library_signs_the_same() {
        let clock = ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock();
        let secret = SigningSecret::generate(&clock);
        let official = Webhook::new(secret.reveal().expose_secret()).unwrap();
        let body = br#"{"type":"startup.created"}"#;
        let expected = official.sign("evt_1", 1_700_000_000, body).unwrap();
        let mut headers = HeaderMap::new();
        sign(&mut headers, &[secret], "evt_1", 1_700_000_000, body);
        assert_eq!(headers[SIGNATURE], expected.as_str());
        assert_eq!(
            (&headers[ID], &headers[TIMESTAMP]),
            (&"evt_1".parse().unwrap(), &"1700000000".parse().unwrap())
        );
    }

    #[test]
    fn a_rotation_sends_a_signature_of_each() {
        let clock = ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock();
        let both = [SigningSecret::generate(&clock), SigningSecret::generate(&clock)];
        let mut headers = HeaderMap::new();
        sign(&mut headers, &both, "evt_1", 1, b"{}");
        let parts: Vec<&str> = headers[SIGNATURE].to_str().unwrap().split(' ').collect();
        assert_eq!(parts.len(), 2);
        assert_ne!(parts[0], parts[1]);
        assert!(parts.iter().all(|part| part.starts_with("v1,")));
    }
}
