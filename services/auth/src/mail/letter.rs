//! What another service asks to be said in a mail.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use witan_ids::{EndpointId, WorkspaceId};

/// What an invitation says. Sealed wherever it is kept.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvitationLetter {
    /// What it is accepted with.
    pub secret: String,
    /// The proved address of who invites, where known.
    pub inviter: Option<String>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
}

/// Which webhook endpoint was switched off. Nothing in it was typed by anybody.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointLetter {
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// The endpoint.
    pub endpoint_id: EndpointId,
    /// Why, as the event has it.
    pub reason: String,
}

impl EndpointLetter {
    /// Why, in half a sentence.
    pub fn why(&self) -> &'static str {
        match self.reason.as_str() {
            "GONE" => "it answered that it is gone for good (410)",
            "FAILING" => "it has answered nothing but failures for days",
            _ => "it does not take what is sent to it",
        }
    }
}

impl fmt::Debug for InvitationLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationLetter(…)")
    }
}
