//! What another service asks to be said in a mail.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

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

impl fmt::Debug for InvitationLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InvitationLetter(…)")
    }
}
