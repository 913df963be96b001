//! An endpoint's signing secret, in Standard Webhooks' notation: `whsec_` and the base64 of its bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use witan_clock::Clock;

pub(crate) const PREFIX: &str = "whsec_";
const BYTES: usize = 32;

/// The key itself; shown once, stored encrypted.
pub(crate) struct Secret(SecretSlice<u8>);

impl Secret {
    pub(crate) fn generate(clock: &Clock) -> Self {
        Self::from_bytes(clock.random::<BYTES>().to_vec())
    }

    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(SecretSlice::from(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// For the one answer that shows it.
    pub(crate) fn reveal(&self) -> SecretString {
        SecretString::from(format!("{PREFIX}{}", STANDARD.encode(self.bytes())))
    }
}
