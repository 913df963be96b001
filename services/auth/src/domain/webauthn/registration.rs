//! A passkey that was made (WebAuthn L3, 7.1).

use super::authenticator_data::AuthenticatorData;
use super::cbor::Item;
use super::public_key::PublicKey;
use super::{Ceremony, ClientData, RelyingParty, WebauthnError};
use crate::domain::challenge::Challenge;

/// What a browser gives when a passkey was made.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The credential's id, as the browser names it.
    pub id: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `attestationObject`.
    pub attestation: Vec<u8>,
}

/// A passkey that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCredential {
    /// What it is found by.
    pub id: Vec<u8>,
    /// COSE.
    pub public_key: Vec<u8>,
    /// What it signed with so far.
    pub counter: u32,
    /// Whether it can be on several devices.
    pub backup_eligible: bool,
    /// Whether it is.
    pub backed_up: bool,
}

impl Registration {
    /// Checks all of it but the attestation.
    ///
    /// # Errors
    /// See [`WebauthnError`].
    pub fn verify(
        &self,
        party: &RelyingParty,
        challenge: &Challenge,
    ) -> Result<NewCredential, WebauthnError> {
        ClientData::parse(&self.client_data)?.check(party, Ceremony::Create, challenge)?;
        let attestation = Item::whole(&self.attestation).ok_or(WebauthnError::AuthenticatorData)?;
        let data = attestation.by_name("authData").and_then(Item::bytes);
        let data = AuthenticatorData::parse(data.ok_or(WebauthnError::AuthenticatorData)?)?;
        data.check(party)?;
        let credential = data.credential.as_ref().ok_or(WebauthnError::AuthenticatorData)?;
        if credential.id != self.id {
            return Err(WebauthnError::AuthenticatorData);
        }
        PublicKey::parse(credential.public_key)?;
        Ok(NewCredential {
            id: credential.id.to_vec(),
            public_key: credential.public_key.to_vec(),
            counter: data.counter,
            backup_eligible: data.is_backup_eligible(),
            backed_up: data.is_backed_up(),
        })
    }
}
