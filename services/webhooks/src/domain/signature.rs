//! Standard Webhooks signatures: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::secret::Secret;

/// One signature per live secret, separated by spaces, so that a partner can verify with either during a rotation.
pub(crate) fn header(secrets: &[Secret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let signed: Vec<String> = secrets.iter().map(|secret| sign(secret, id, timestamp, body)).collect();
    signed.join(" ")
}

fn sign(secret: &Secret, id: &str, timestamp: i64, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(id.as_bytes());
    context.update(b".");
    context.update(timestamp.to_string().as_bytes());
    context.update(b".");
    context.update(body);
    format!("v1,{}", STANDARD.encode(context.sign()))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use standardwebhooks::Webhook;
    use witan_clock::ManualClock;

    use super::*;

    #[test]
    fn the_official_library_signs_the_same() {
        let clock = ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock();
        let secret = Secret::generate(&clock);
        let official = Webhook::new(secret.reveal().expose_secret()).unwrap();
        let body = br#"{"type":"startup.created"}"#;
        let expected = official.sign("evt_1", 1_700_000_000, body).unwrap();
        assert_eq!(header(&[secret], "evt_1", 1_700_000_000, body), expected);
    }

    #[test]
    fn a_rotation_sends_both() {
        let clock = ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock();
        let both = [Secret::generate(&clock), Secret::generate(&clock)];
        let signed = header(&both, "evt_1", 1, b"{}");
        let parts: Vec<&str> = signed.split(' ').collect();
        assert_eq!(parts.len(), 2);
        assert_ne!(parts[0], parts[1]);
        assert!(parts.iter().all(|part| part.starts_with("v1,")));
    }
}
