//! Passkeys: what a relying party checks of WebAuthn Level 3, sections 7.1 and 7.2.
//!
//! Attestation is neither asked for nor looked at: a passkey is as good as what its owner's device makes it. The user
//! must have been verified by the device, each time, so that one passkey is two factors.

mod assertion;
mod authenticator_data;
mod cbor;
mod client_data;
mod public_key;
mod registration;

pub use assertion::{Assertion, Known, Used};
pub use client_data::{Ceremony, ClientData};
pub use public_key::ALGORITHMS;
pub use registration::{NewCredential, Registration};

use aws_lc_rs::digest::{SHA256, digest};

/// Whom passkeys are for: a domain, and the origins whose pages may use them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    /// The domain, which passkeys are bound to for ever.
    pub id: String,
    /// Compared as they are: never by how they begin or end.
    pub origins: Vec<String>,
}

/// Why a passkey's answer does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebauthnError {
    /// What the browser collected cannot be read.
    #[error("the client data is malformed")]
    ClientData,
    /// It was made for the other ceremony.
    #[error("the client data is of another ceremony")]
    Ceremony,
    /// It answers something else.
    #[error("the challenge is another one")]
    Challenge,
    /// A page of somebody else asked, or ours was framed by one.
    #[error("the origin is not allowed")]
    Origin,
    /// What the authenticator signed cannot be read.
    #[error("the authenticator data is malformed")]
    AuthenticatorData,
    /// It is for another domain.
    #[error("the authenticator data is for another relying party")]
    RelyingParty,
    /// Nobody touched the authenticator.
    #[error("nobody was present")]
    NotPresent,
    /// The authenticator did not look who it was.
    #[error("the user was not verified")]
    NotVerified,
    /// It says of its backup what cannot be, or what it did not say before.
    #[error("the backup flags do not fit")]
    Backup,
    /// The key is of no kind that we know.
    #[error("the public key is not usable")]
    PublicKey,
    /// Somebody else signed, or something else was signed.
    #[error("the signature does not hold")]
    Signature,
    /// There may be a copy of the authenticator.
    #[error("the counter went back")]
    Counter,
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}
