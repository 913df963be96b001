//! AES-256-GCM for secrets that are needed back, with key ids so that keys can be rotated.
//!
//! A sealed value is: version 1, length of the key id, key id, 12 bytes of nonce, ciphertext with its tag. The
//! context, such as `webhooks.secret:<id>`, and the header are authenticated: a value copied to another row or
//! column does not open.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use witan_clock::Clock;
use witan_config::Reader;

const NAME: &str = "WITAN_ENCRYPTION_KEYS";
const VERSION: u8 = 1;

/// The keys, read and checked.
#[derive(Debug, Clone)]
pub struct CipherConfig {
    cipher: Cipher,
}

impl CipherConfig {
    /// Reads `WITAN_ENCRYPTION_KEYS`: `id:base64 of 32 bytes`, separated by commas. The first one encrypts, all
    /// of them decrypt.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let secret = r.secret(NAME)?;
        match parse(secret.expose_secret()) {
            Ok(keys) => Some(Self { cipher: Cipher { keys: keys.into() } }),
            Err(why) => r.mistake(NAME, why),
        }
    }

    /// The cipher with these keys.
    pub fn cipher(&self) -> Cipher {
        self.cipher.clone()
    }
}

/// Encrypts with the first of its keys and decrypts with any.
#[derive(Clone)]
pub struct Cipher {
    keys: Arc<[Key]>,
}

struct Key {
    id: String,
    key: LessSafeKey,
}

/// Why a sealed value does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CipherError {
    /// It is no sealed value.
    #[error("the sealed value is malformed")]
    Malformed,
    /// It was sealed with a key that is not configured any more.
    #[error("there is no encryption key {0}")]
    UnknownKey(String),
    /// It was changed, or belongs to another context.
    #[error("the sealed value is not authentic")]
    NotAuthentic,
}

impl Cipher {
    /// Encrypts `plain` for `context`.
    ///
    /// # Panics
    /// When `plain` is longer than AES-GCM can take, 64 GiB.
    pub fn seal(&self, clock: &Clock, context: &str, plain: &[u8]) -> Vec<u8> {
        let Key { id, key } = &self.keys[0];
        let nonce = clock.random::<NONCE_LEN>();
        let mut sealed = header(id);
        let aad = Aad::from([sealed.as_slice(), context.as_bytes()].concat());
        let mut text = plain.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut text)
            .expect("values are far below AES-GCM's limit");
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut text);
        sealed
    }

    /// Decrypts what was sealed for `context`.
    ///
    /// # Errors
    /// When it was not, or not with one of these keys.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, CipherError> {
        let (id, rest) = split(sealed).ok_or(CipherError::Malformed)?;
        let key = self.keys.iter().find(|key| key.id == id);
        let Key { key, .. } = key.ok_or_else(|| CipherError::UnknownKey(id.to_owned()))?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or(CipherError::Malformed)?;
        let aad = Aad::from([header(id).as_slice(), context.as_bytes()].concat());
        let mut text = text.to_vec();
        let plain = key
            .open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut text)
            .map_err(|_| CipherError::NotAuthentic)?
            .len();
        text.truncate(plain);
        Ok(text)
    }

    /// The same value, sealed with the key in use.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn anew(&self, clock: &Clock, context: &str, sealed: &[u8]) -> Result<Vec<u8>, CipherError> {
        Ok(self.seal(clock, context, &self.open(context, sealed)?))
    }

    /// What everything begins with that was sealed with the key in use.
    pub fn mark(&self) -> Vec<u8> {
        header(&self.keys[0].id)
    }
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.id)).finish()
    }
}

fn header(id: &str) -> Vec<u8> {
    let length = u8::try_from(id.len()).expect("key ids are short: see `parse`");
    [&[VERSION, length], id.as_bytes()].concat()
}

fn split(sealed: &[u8]) -> Option<(&str, &[u8])> {
    let [VERSION, length, rest @ ..] = sealed else { return None };
    let (id, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((std::str::from_utf8(id).ok()?, rest))
}

fn parse(text: &str) -> Result<Vec<Key>, String> {
    let mut keys: Vec<Key> = Vec::new();
    for (position, entry) in text.split(',').map(str::trim).enumerate() {
        let wrong = |why: &str| format!("is not valid: key number {} {why}", position + 1);
        let (id, encoded) = entry.split_once(':').ok_or_else(|| wrong("is not of the form id:base64"))?;
        if id.is_empty() || id.len() > 32 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(wrong("has an id that is not 1 to 32 letters and digits"));
        }
        if keys.iter().any(|key| key.id == id) {
            return Err(wrong("has the id of another one"));
        }
        let bytes = STANDARD.decode(encoded).map_err(|_| wrong("is not base64"))?;
        let unbound = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| wrong("is not 32 bytes long"))?;
        keys.push(Key { id: id.to_owned(), key: LessSafeKey::new(unbound) });
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "k0:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn cipher(keys: &str) -> Cipher {
        Cipher { keys: parse(keys).unwrap().into() }
    }

    #[test]
    fn opens_what_it_sealed_for_the_same_context_only() {
        let cipher = cipher(OLD);
        let sealed = cipher.seal(&Clock::system(), "a", b"secret");
        assert_eq!(cipher.open("a", &sealed).unwrap(), b"secret");
        assert_eq!(cipher.open("b", &sealed), Err(CipherError::NotAuthentic));
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
    }

    #[test]
    fn refuses_every_changed_byte() {
        let cipher = cipher(OLD);
        let sealed = cipher.seal(&Clock::system(), "a", b"secret");
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(cipher.open("a", &changed).is_err(), "byte {index}");
        }
        for length in 0..sealed.len() {
            assert!(cipher.open("a", &sealed[..length]).is_err(), "length {length}");
        }
    }

    #[test]
    fn rotation_keeps_old_values_readable_until_their_key_goes() {
        let (before, during, after) = (cipher(OLD), cipher(&format!("{NEW},{OLD}")), cipher(NEW));
        let sealed = before.seal(&Clock::system(), "a", b"secret");
        assert_eq!(during.open("a", &sealed).unwrap(), b"secret");
        assert!(!sealed.starts_with(&during.mark()));
        let again = during.anew(&Clock::system(), "a", &sealed).unwrap();
        assert!(again.starts_with(&during.mark()));
        assert_eq!(after.open("a", &again).unwrap(), b"secret");
        assert_eq!(after.open("a", &sealed), Err(CipherError::UnknownKey("k0".to_owned())));
    }

    #[test]
    fn names_what_is_wrong_with_a_key_without_showing_it() {
        for (text, why) in [
            ("", "id:base64"),
            ("k1:AAAA", "32 bytes"),
            ("k1:?", "not base64"),
            ("k 1:AAAA", "letters and digits"),
            (&format!("{OLD},{OLD}"), "another one"),
        ] {
            let error = parse(text).err().unwrap();
            assert!(error.contains(why), "{text}: {error}");
            assert!(!error.contains("AAAA"));
        }
    }

    #[test]
    fn debug_shows_ids_only() {
        assert_eq!(format!("{:?}", cipher(OLD)), r#"["k0"]"#);
    }
}
