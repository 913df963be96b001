use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_ids::RoleId;

use crate::store::roles::RoleRow;

/// A role that a workspace made for itself.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnRole {
    id: RoleId,
    #[schema(example = "Editor")]
    name: String,
    description: Option<String>,
    /// What its members may do; `listPermissions` says what each means.
    #[schema(example = json!(["startups:read", "startups:write"]))]
    permissions: Vec<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<RoleRow> for OwnRole {
    fn from(row: RoleRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            permissions: row.permissions,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The role that a path names.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RolePath {
    pub(crate) role_id: RoleId,
}
