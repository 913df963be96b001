//! What signs an endpoint's deliveries.

use secrecy::ExposeSecret as _;
use witan_clock::Clock;
use witan_egress::{PrivateKey, Sign, SigningSecret};

use crate::domain::signature::Signature;

/// A key of either kind.
#[derive(Debug, Clone)]
pub(crate) enum SigningKey {
    Shared(SigningSecret),
    Private(PrivateKey),
}

impl SigningKey {
    pub(crate) fn generate(signature: Signature, clock: &Clock) -> Self {
        match signature {
            Signature::HmacSha256 => Self::Shared(SigningSecret::generate(clock)),
            Signature::Ed25519 => Self::Private(PrivateKey::generate(clock)),
        }
    }

    /// One that was stored for an endpoint that signs so.
    pub(crate) fn from_bytes(signature: Signature, bytes: Vec<u8>) -> Self {
        match signature {
            Signature::HmacSha256 => Self::Shared(SigningSecret::from_bytes(bytes)),
            Signature::Ed25519 => Self::Private(PrivateKey::from_seed(bytes)),
        }
    }

    /// To be stored, encrypted.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Shared(secret) => secret.bytes(),
            Self::Private(key) => key.seed(),
        }
    }

    /// For the one answer that shows it; a private key is shown in none.
    pub(crate) fn secret(&self) -> Option<String> {
        match self {
            Self::Shared(secret) => Some(secret.reveal().expose_secret().to_owned()),
            Self::Private(_) => None,
        }
    }

    /// What anybody may know of it.
    pub(crate) fn public_key(&self) -> Option<String> {
        match self {
            Self::Shared(_) => None,
            Self::Private(key) => key.public_key(),
        }
    }
}

impl Sign for SigningKey {
    fn signature(&self, content: &[u8]) -> Option<String> {
        match self {
            Self::Shared(secret) => secret.signature(content),
            Self::Private(key) => key.signature(content),
        }
    }
}
