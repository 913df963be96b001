use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretSlice};

const SHARED: &str = "whsec_";
const PUBLIC: &str = "whpk_";
const ED25519_BYTES: usize = 32;
/// Standard Webhooks asks for 24 to 64 bytes.
const SHORTEST: usize = 24;

/// What a sender's signatures are checked with.
#[derive(Debug, Clone)]
pub enum Key {
    /// A secret that both sides have.
    Shared(SecretSlice<u8>),
    /// The sender's public key.
    Ed25519([u8; ED25519_BYTES]),
}

/// A text that is no key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It begins like no key.
    #[error("a key begins with whsec_ or whpk_")]
    Prefix,
    /// The rest is not base64, or too short or too long.
    #[error("a key is the base64 of 24 bytes or more, and of 32 if it is public")]
    Content,
}

impl Key {
    /// The bytes of a secret, as they are. Stripe's secrets are their text, prefix and all.
    pub fn shared(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Shared(SecretSlice::from(bytes.into()))
    }

    /// A key as Standard Webhooks writes it: `whsec_…` or `whpk_…`.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let decode = |text: &str| STANDARD.decode(text).map_err(|_| KeyError::Content);
        if let Some(secret) = text.strip_prefix(SHARED) {
            let bytes = decode(secret)?;
            return if bytes.len() < SHORTEST { Err(KeyError::Content) } else { Ok(Self::shared(bytes)) };
        }
        let public = text.strip_prefix(PUBLIC).ok_or(KeyError::Prefix)?;
        decode(public)?.try_into().map(Self::Ed25519).map_err(|_| KeyError::Content)
    }

    /// Whether `tag` is the HMAC-SHA256 of the parts, one after the other; in a time that says nothing of the tag.
    pub(crate) fn has_hmac(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        let Self::Shared(secret) = self else { return false };
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret()));
        for part in parts {
            context.update(part);
        }
        aws_lc_rs::constant_time::verify_slices_are_equal(context.sign().as_ref(), tag).is_ok()
    }

    /// Whether `signature` is the Ed25519 signature of the parts.
    pub(crate) fn has_ed25519(&self, parts: &[&[u8]], signature: &[u8]) -> bool {
        let Self::Ed25519(public) = self else { return false };
        UnparsedPublicKey::new(&ED25519, public).verify(&parts.concat(), signature).is_ok()
    }
}
