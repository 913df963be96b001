//! Passkeys as their owner sees them.

use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::PasskeyId;

use crate::store::passkeys::PasskeyRow;

/// A passkey.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Passkey {
    /// The passkey.
    id: PasskeyId,
    /// What its owner calls it.
    #[schema(example = "phone")]
    name: String,
    /// Whether its owner's devices share it.
    synced: bool,
    /// When it was registered.
    created_at: DateTime<Utc>,
    /// When it last signed here.
    last_used_at: Option<DateTime<Utc>>,
}

impl Passkey {
    pub(super) fn of(row: PasskeyRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            synced: row.backed_up,
            created_at: row.created_at.trunc_subsecs(3),
            last_used_at: row.last_used_at.map(|at| at.trunc_subsecs(3)),
        }
    }
}
