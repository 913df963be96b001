//! The refresh token: opaque to clients, `{key, session, counter}` under a MAC to us.
//!
//! Nothing about a token is stored, not even a hash: its session's counter says whether it is good. A token that
//! was made up is refused before the database is asked.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use witan_ids::{KeyId, SessionId};

/// Bytes of a MAC key.
pub const KEY_LENGTH: usize = 32;
/// Marks the text for scanners that look for leaked credentials.
const PREFIX: &str = "rt_";
const VERSION: u8 = 1;
const BODY: usize = 1 + 16 + 16 + 8;
const MAC: usize = 32;

/// Which token of which session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshToken {
    /// The session it prolongs.
    pub session: SessionId,
    /// Its number in the session's chain.
    pub counter: i64,
}

/// A key that seals refresh tokens.
pub struct RefreshKey {
    id: KeyId,
    mac: hmac::Key,
}

impl RefreshKey {
    /// A key from its stored bytes.
    pub fn new(id: KeyId, bytes: &[u8]) -> Self {
        Self { id, mac: hmac::Key::new(hmac::HMAC_SHA256, bytes) }
    }

    /// The key's id, which each token names.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The token as text.
    pub fn seal(&self, token: RefreshToken) -> String {
        let mut bytes = Vec::with_capacity(BODY + MAC);
        bytes.push(VERSION);
        bytes.extend_from_slice(self.id.uuid().as_bytes());
        bytes.extend_from_slice(token.session.uuid().as_bytes());
        bytes.extend_from_slice(&token.counter.to_be_bytes());
        let mac = hmac::sign(&self.mac, &bytes);
        bytes.extend_from_slice(mac.as_ref());
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// Reads a text that one of `keys` sealed; anything else is `None`.
pub fn open<'k>(text: &str, keys: impl IntoIterator<Item = &'k RefreshKey>) -> Option<RefreshToken> {
    let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
    let (body, mac) = bytes.split_at_checked(BODY)?;
    let (version, rest) = body.split_first()?;
    let (key_id, rest) = rest.split_first_chunk::<16>()?;
    let (session, rest) = rest.split_first_chunk::<16>()?;
    let counter = <[u8; 8]>::try_from(rest).ok()?;
    let key_id = KeyId::from_uuid(uuid::Uuid::from_bytes(*key_id));
    let key = keys.into_iter().find(|key| *version == VERSION && key.id == key_id)?;
    hmac::verify(&key.mac, body, mac).ok()?;
    Some(RefreshToken {
        session: SessionId::from_uuid(uuid::Uuid::from_bytes(*session)),
        counter: i64::from_be_bytes(counter),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use witan_clock::ManualClock;

    use super::*;

    fn fixture() -> (RefreshKey, RefreshToken) {
        let clock = ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock();
        let key = RefreshKey::new(KeyId::generate(&clock), &[7; KEY_LENGTH]);
        (key, RefreshToken { session: SessionId::generate(&clock), counter: 41 })
    }

    #[test]
    fn comes_back_as_it_went() {
        let (key, token) = fixture();
        assert_eq!(open(&key.seal(token), [&key]), Some(token));
    }

    #[test]
    fn another_key_of_the_same_id_does_not_open_it() {
        let (key, token) = fixture();
        let other = RefreshKey::new(key.id(), &[8; KEY_LENGTH]);
        assert_eq!(open(&key.seal(token), [&other]), None);
    }

    #[test]
    fn no_byte_can_be_changed() {
        let (key, token) = fixture();
        let sealed = key.seal(token);
        let bytes = URL_SAFE_NO_PAD.decode(&sealed[PREFIX.len()..]).unwrap();
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            let text = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(changed));
            assert_eq!(open(&text, [&key]), None, "byte {index}");
        }
    }

    proptest! {
        #[test]
        fn made_up_texts_are_refused(text in "(rt_)?[A-Za-z0-9_=-]{0,120}") {
            prop_assert_eq!(open(&text, [&fixture().0]), None);
        }
    }
}
