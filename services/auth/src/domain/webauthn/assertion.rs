//! A passkey that signed (WebAuthn L3, 7.2).

use super::authenticator_data::AuthenticatorData;
use super::public_key::PublicKey;
use super::{Ceremony, ClientData, RelyingParty, WebauthnError, sha256};
use crate::domain::challenge::Challenge;

/// What a browser gives when a passkey signed.
#[derive(Debug, Clone)]
pub struct Assertion {
    /// The credential's id.
    pub id: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// Over both.
    pub signature: Vec<u8>,
    /// Whose passkey it says it is.
    pub user_handle: Option<Vec<u8>>,
}

/// What is known of the passkey.
#[derive(Debug, Clone)]
pub struct Known<'a> {
    /// COSE.
    pub public_key: &'a [u8],
    /// What it last signed with.
    pub counter: u32,
    /// What it said when it was made, and may not change.
    pub backup_eligible: bool,
}

/// What is known of it from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// What it signed with.
    pub counter: u32,
    /// Whether it is on several devices.
    pub backed_up: bool,
}

impl Assertion {
    /// What it says that it answers; `None` for what we never asked.
    pub fn challenge(&self) -> Option<Challenge> {
        ClientData::parse(&self.client_data).ok()?.challenge()
    }

    /// Checks all of it but whose passkey it is.
    ///
    /// # Errors
    /// See [`WebauthnError`].
    pub fn verify(
        &self,
        party: &RelyingParty,
        challenge: &Challenge,
        known: &Known<'_>,
    ) -> Result<Used, WebauthnError> {
        ClientData::parse(&self.client_data)?.check(party, Ceremony::Get, challenge)?;
        let data = AuthenticatorData::parse(&self.authenticator_data)?;
        data.check(party)?;
        if data.is_backup_eligible() != known.backup_eligible {
            return Err(WebauthnError::Backup);
        }
        let signed = [self.authenticator_data.as_slice(), &sha256(&self.client_data)].concat();
        PublicKey::parse(known.public_key)?.verify(&signed, &self.signature)?;
        // Authenticators that do not count say zero, always.
        if (data.counter, known.counter) != (0, 0) && data.counter <= known.counter {
            return Err(WebauthnError::Counter);
        }
        Ok(Used { counter: data.counter, backed_up: data.is_backed_up() })
    }
}
