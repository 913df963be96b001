//! What the browser says of the page that asked (WebAuthn L3, 5.8.1).

use serde::Deserialize;

use super::{RelyingParty, WebauthnError};
use crate::domain::challenge::Challenge;

/// What a passkey was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceremony {
    /// To be made.
    Create,
    /// To sign.
    Get,
}

/// The part of the client data that is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    #[serde(default)]
    top_origin: Option<String>,
}

impl ClientData {
    /// Reads `clientDataJSON`.
    ///
    /// # Errors
    /// [`WebauthnError::ClientData`].
    pub fn parse(json: &[u8]) -> Result<Self, WebauthnError> {
        serde_json::from_slice(json).map_err(|_| WebauthnError::ClientData)
    }

    /// What it says that it answers; `None` for what we never asked.
    pub fn challenge(&self) -> Option<Challenge> {
        Challenge::parse(&self.challenge)
    }

    pub(super) fn check(
        &self,
        party: &RelyingParty,
        ceremony: Ceremony,
        challenge: &Challenge,
    ) -> Result<(), WebauthnError> {
        let kind = match ceremony {
            Ceremony::Create => "webauthn.create",
            Ceremony::Get => "webauthn.get",
        };
        if self.kind != kind {
            return Err(WebauthnError::Ceremony);
        }
        if self.challenge().as_ref() != Some(challenge) {
            return Err(WebauthnError::Challenge);
        }
        let known = party.origins.contains(&self.origin);
        if !known || self.cross_origin || self.top_origin.is_some() {
            return Err(WebauthnError::Origin);
        }
        Ok(())
    }
}
