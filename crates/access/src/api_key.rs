//! API keys as text: `wk_`, an id part by which they are found, and a secret of 256 bits.

use aws_lc_rs::digest::{SHA256, digest};
use witan_clock::Clock;

const MARK: &str = "wk_";
const ID_BYTES: usize = 8;
const SECRET_BYTES: usize = 32;
/// The mark and the id part, in hexadecimal.
const PREFIX_LENGTH: usize = MARK.len() + 2 * ID_BYTES;
const LENGTH: usize = PREFIX_LENGTH + 1 + 2 * SECRET_BYTES;

/// What of an API key may leave the process that was shown it: neither part opens anything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ApiKeyProof {
    /// The mark and the id part, which are no secret.
    pub prefix: String,
    /// The SHA-256 of the whole key. A secret of 256 random bits needs no slow hash.
    pub digest: [u8; 32],
}

impl ApiKeyProof {
    /// The proof of `key`, or `None` when it does not even look like one.
    pub fn of(key: &str) -> Option<Self> {
        if key.len() != LENGTH || !key.is_ascii() {
            return None;
        }
        let (prefix, rest) = key.split_at(PREFIX_LENGTH);
        let id = prefix.strip_prefix(MARK)?;
        let secret = rest.strip_prefix('_')?;
        decode::<ID_BYTES>(id)?;
        decode::<SECRET_BYTES>(secret)?;
        Some(Self { prefix: prefix.to_owned(), digest: sha256(key) })
    }

    /// The proof as another service was told it.
    pub fn parse(prefix: &str, digest: &str) -> Option<Self> {
        let id = prefix.strip_prefix(MARK)?;
        decode::<ID_BYTES>(id)?;
        Some(Self { prefix: prefix.to_owned(), digest: decode(digest)? })
    }

    /// The digest in hexadecimal.
    pub fn digest_text(&self) -> String {
        hex::encode(self.digest)
    }
}

/// A new key, to be shown once, and its proof, to be kept.
pub fn generate(clock: &Clock) -> (String, ApiKeyProof) {
    let id = hex::encode(clock.random::<ID_BYTES>());
    let secret = hex::encode(clock.random::<SECRET_BYTES>());
    let prefix = format!("{MARK}{id}");
    let key = format!("{prefix}_{secret}");
    let digest = sha256(&key);
    (key, ApiKeyProof { prefix, digest })
}

fn sha256(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    hash
}

/// Digits in lower case only: one key has one text.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    (lower && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_generated_is_recognised_and_found_by_its_prefix() {
        let clock = Clock::system();
        let (key, proof) = generate(&clock);
        assert_eq!(ApiKeyProof::of(&key), Some(proof.clone()));
        assert!(key.starts_with(&proof.prefix) && proof.prefix.len() == 19);
        assert_eq!(ApiKeyProof::parse(&proof.prefix, &proof.digest_text()), Some(proof.clone()));
        let (other, _) = generate(&clock);
        assert_ne!(key, other);
    }

    #[test]
    fn what_is_no_key_is_not_looked_up() {
        let (key, proof) = generate(&Clock::system());
        let upper = key.to_uppercase();
        let longer = format!("{key}0");
        let foreign = key.replace("wk_", "sk_");
        let umlaut = format!("wk_ü{}", &key[5..]);
        for text in ["", "wk_", &key[1..], &upper, &longer, &foreign, &umlaut, &key.replace('_', "-")] {
            assert_eq!(ApiKeyProof::of(text), None, "{text}");
        }
        assert_eq!(ApiKeyProof::parse("wk_", &proof.digest_text()), None);
        assert_eq!(ApiKeyProof::parse(&proof.prefix, "00"), None);
        assert_eq!(ApiKeyProof::parse(&proof.prefix, &"é".repeat(32)), None);
    }
}
