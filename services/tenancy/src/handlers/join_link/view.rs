use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_ids::UserId;

use crate::domain::secret::Secret;
use crate::store::join_links::JoinLinkRow;

/// A workspace's link, as those see it who manage members.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JoinLink {
    /// How many may join by it.
    #[schema(minimum = 1)]
    max_uses: i32,
    /// How many have, since its secret was made.
    #[schema(minimum = 0)]
    uses: i32,
    expires_at: DateTime<Utc>,
    created_by: UserId,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// The secret, shown this once, when it was made. What stands behind `token=` in a link.
    #[schema(required)]
    token: Option<String>,
}

impl JoinLink {
    pub(super) fn of(row: JoinLinkRow, secret: Option<&Secret>) -> Self {
        Self {
            max_uses: row.max_uses,
            uses: row.uses,
            expires_at: row.expires_at,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
            token: secret.map(|secret| secret.expose().to_owned()),
        }
    }
}

/// The secret of a link.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct JoinToken {
    /// What stands behind `token=` in the link.
    #[schema(min_length = 1, max_length = 100)]
    pub(super) token: String,
}
