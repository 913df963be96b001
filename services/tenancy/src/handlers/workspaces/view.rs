use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::{UserId, WorkspaceId};

use crate::domain::role::Role;
use crate::store::workspaces::WorkspaceRow;

/// A workspace, as one of its members sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Workspace {
    id: WorkspaceId,
    #[schema(example = "Ada's workspace")]
    name: String,
    /// IANA name.
    #[schema(example = "Europe/London")]
    time_zone: String,
    /// BCP 47.
    #[schema(example = "en")]
    locale: String,
    /// Whether its members must have shown a second factor to do anything in it.
    require_second_factor: bool,
    /// What the caller is in it.
    role: Role,
    /// When it is deleted, if it will be: nobody works in it any longer, and it can be restored until then.
    #[schema(required)]
    deletion_due_at: Option<DateTime<Utc>>,
    created_by: UserId,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Workspace {
    pub(super) fn of(row: WorkspaceRow, role: &str) -> Self {
        Self {
            id: row.workspace_id,
            name: row.name,
            time_zone: row.time_zone,
            locale: row.locale,
            require_second_factor: row.require_second_factor,
            role: role.parse().unwrap_or(Role::Member),
            deletion_due_at: row.deletion_due_at,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
