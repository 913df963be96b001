//! Standard Webhooks signatures over `id.timestamp.body`: `v1,` and the base64 of its HMAC-SHA256, or `v1a,` and that of its
//! Ed25519 signature.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use witan_clock::Clock;

const SECRET_PREFIX: &str = "whsec_";
const PUBLIC_PREFIX: &str = "whpk_";
const BYTES: usize = 32;
const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// What signs messages.
pub trait Sign {
    /// One entry of `webhook-signature`; `None` when what was stored is no key.
    fn signature(&self, content: &[u8]) -> Option<String>;
}

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
        SecretString::from(format!("{SECRET_PREFIX}{}", STANDARD.encode(self.bytes())))
    }
}

impl Sign for SigningSecret {
    fn signature(&self, content: &[u8]) -> Option<String> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.bytes());
        Some(format!("v1,{}", STANDARD.encode(hmac::sign(&key, content))))
    }
}

/// An Ed25519 key that only we have: it is never shown, and whoever verifies has its public half.
#[derive(Debug, Clone)]
pub struct PrivateKey(SecretSlice<u8>);

impl PrivateKey {
    /// A new one.
    pub fn generate(clock: &Clock) -> Self {
        Self::from_seed(clock.random::<BYTES>().to_vec())
    }

    /// One that was stored.
    pub fn from_seed(seed: Vec<u8>) -> Self {
        Self(SecretSlice::from(seed))
    }

    /// To be stored, encrypted.
    pub fn seed(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// In text, `whpk_` and its base64; `None` when what was stored is no seed.
    pub fn public_key(&self) -> Option<String> {
        Some(format!("{PUBLIC_PREFIX}{}", STANDARD.encode(self.pair()?.public_key())))
    }

    fn pair(&self) -> Option<Ed25519KeyPair> {
        Ed25519KeyPair::from_seed_unchecked(self.seed()).ok()
    }
}

impl Sign for PrivateKey {
    fn signature(&self, content: &[u8]) -> Option<String> {
        Some(format!("v1a,{}", STANDARD.encode(self.pair()?.sign(content))))
    }
}

/// Adds `webhook-id`, `webhook-timestamp` (seconds, of this attempt) and `webhook-signature` to a request.
///
/// There is one signature per key, separated by spaces, so that either verifies during a rotation. `id` is one of
/// ours: it has no dot, which would make two messages sign alike.
pub fn sign(headers: &mut HeaderMap, keys: &[impl Sign], id: &str, timestamp: i64, body: &[u8]) {
    let content = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
    let signatures: Vec<String> = keys.iter().filter_map(|key| key.signature(&content)).collect();
    for (name, value) in [(ID, id), (TIMESTAMP, &timestamp.to_string()), (SIGNATURE, &signatures.join(" "))] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
    use standardwebhooks::Webhook;
    use witan_clock::ManualClock;

    use super::*;

    fn clock() -> Clock {
        ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock()
    }

    #[test]
    fn the_official_library_signs_the_same() {
        let secret = SigningSecret::generate(&clock());
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

    /// RFC 8032 §7.1, test 1: the public key is the one of this seed.
    #[test]
    fn a_seed_has_the_public_key_of_the_standard() {
        let seed = STANDARD.decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").unwrap();
        let expected = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
        assert_eq!(PrivateKey::from_seed(seed).public_key().as_deref(), Some(expected));
        assert_eq!(PrivateKey::from_seed(vec![1; 31]).public_key(), None);
    }

    #[test]
    fn the_public_key_verifies_what_was_signed_and_nothing_else() {
        let key = PrivateKey::generate(&clock());
        let mut headers = HeaderMap::new();
        sign(&mut headers, std::slice::from_ref(&key), "evt_1", 1_700_000_000, b"{}");
        let signature = headers[SIGNATURE].to_str().unwrap().strip_prefix("v1a,").unwrap();
        let signature = STANDARD.decode(signature).unwrap();
        let key = key.public_key().unwrap();
        let key =
            UnparsedPublicKey::new(&ED25519, STANDARD.decode(key.strip_prefix("whpk_").unwrap()).unwrap());
        assert!(key.verify(b"evt_1.1700000000.{}", &signature).is_ok());
        assert!(key.verify(b"evt_1.1700000001.{}", &signature).is_err());
    }

    #[test]
    fn a_rotation_sends_a_signature_of_each() {
        let both = [SigningSecret::generate(&clock()), SigningSecret::generate(&Clock::system())];
        let mut headers = HeaderMap::new();
        sign(&mut headers, &both, "evt_1", 1, b"{}");
        let parts: Vec<&str> = headers[SIGNATURE].to_str().unwrap().split(' ').collect();
        assert_eq!(parts.len(), 2);
        assert_ne!(parts[0], parts[1]);
        assert!(parts.iter().all(|part| part.starts_with("v1,")));
    }
}
