//! Cursors: where a list goes on, signed so that nobody makes up their own, and bound to the list they came from.

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use witan_config::{ExposeSecret, Reader, SecretString};

use crate::{Problem, codes};

const DEVELOPMENT_KEY: &str = "witan-development-cursor-key-0123456789";
const MIN_KEY_BYTES: usize = 32;
/// Half of HMAC-SHA-256 is plenty against guessing over the network (RFC 2104 section 5).
const TAG_BYTES: usize = 16;
const MAX_TEXT: usize = 1024;

/// Makes and reads cursors. Clones share the key.
#[derive(Clone)]
pub struct Cursors(Arc<hmac::Key>);

/// The cursor is not one of ours, or belongs to another list or filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor does not belong to this list")]
pub struct CursorError;

impl Cursors {
    /// Reads `WITAN_CURSOR_KEY`, at least 32 bytes; development has one of its own.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let secret = r.secret_or_dev("WITAN_CURSOR_KEY", DEVELOPMENT_KEY)?;
        if secret.expose_secret().len() < MIN_KEY_BYTES {
            return r.mistake("WITAN_CURSOR_KEY", "must have at least 32 bytes");
        }
        Some(Self::new(&secret))
    }

    /// Cursors signed with these bytes.
    pub fn new(key: &SecretString) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret().as_bytes())))
    }

    /// The cursor that goes on behind `position` in the list that `filter` describes: name the list in it, its
    /// workspace and everything that narrows or orders it.
    pub fn encode<F: Serialize + ?Sized, P: Serialize>(&self, filter: &F, position: &P) -> String {
        // What callers pass are plain values, which always serialise.
        let position = serde_json::to_vec(position).unwrap_or_default();
        let mut bytes = self.tag(filter, &position).as_ref()[..TAG_BYTES].to_vec();
        bytes.extend_from_slice(&position);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position that a cursor stands for.
    ///
    /// # Errors
    /// When it was tampered with, or made for another list or filter.
    pub fn decode<F: Serialize + ?Sized, P: DeserializeOwned>(
        &self,
        filter: &F,
        cursor: &str,
    ) -> Result<P, CursorError> {
        if cursor.len() > MAX_TEXT {
            return Err(CursorError);
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| CursorError)?;
        let (tag, position) = bytes.split_at_checked(TAG_BYTES).ok_or(CursorError)?;
        let expected = self.tag(filter, position);
        aws_lc_rs::constant_time::verify_slices_are_equal(tag, &expected.as_ref()[..TAG_BYTES])
            .map_err(|_| CursorError)?;
        serde_json::from_slice(position).map_err(|_| CursorError)
    }

    fn tag<F: Serialize + ?Sized>(&self, filter: &F, position: &[u8]) -> hmac::Tag {
        let filter = serde_json::to_vec(filter).unwrap_or_default();
        let mut signing = hmac::Context::with_key(&self.0);
        // The length keeps the two parts from being read as one another.
        signing.update(&(filter.len() as u64).to_be_bytes());
        signing.update(&filter);
        signing.update(position);
        signing.sign()
    }
}

impl std::fmt::Debug for Cursors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cursors(hidden)")
    }
}

impl From<CursorError> for Problem {
    fn from(error: CursorError) -> Self {
        Self::new(&codes::CURSOR_INVALID).violation("cursor", "validation.invalid", error.to_string())
    }
}
