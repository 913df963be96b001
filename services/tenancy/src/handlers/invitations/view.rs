use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_ids::{InvitationId, UserId, WorkspaceId};

use crate::domain::invitation::InvitationStatus;
use crate::domain::role::Role;
use crate::store::invitations::InvitationRow;
use crate::store::workspaces::WorkspaceRow;

/// An invitation, as those see it who manage members.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invitation {
    id: InvitationId,
    #[schema(example = "ada@example.org")]
    email: String,
    /// What they are to become.
    role: Role,
    status: InvitationStatus,
    invited_by: UserId,
    /// How often it was mailed, the first time included.
    #[schema(minimum = 1)]
    mails: i32,
    /// When it was last mailed.
    mailed_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// Who accepted.
    #[schema(required)]
    accepted_by: Option<UserId>,
    /// When it was accepted, declined or revoked.
    #[schema(required)]
    settled_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl Invitation {
    pub(super) fn of(row: InvitationRow, now: DateTime<Utc>) -> Self {
        Self {
            role: row.role(),
            status: row.status(now),
            id: row.id,
            email: row.email,
            invited_by: row.invited_by,
            mails: row.mails,
            mailed_at: row.mailed_at,
            expires_at: row.expires_at,
            accepted_by: row.accepted_by,
            settled_at: row.settled_at,
            created_at: row.created_at,
        }
    }
}

/// An invitation, as those see it whom it is for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OwnInvitation {
    id: InvitationId,
    workspace_id: WorkspaceId,
    #[schema(example = "Analytical Engines")]
    workspace_name: String,
    /// The address that it is for.
    #[schema(example = "ada@example.org")]
    email: String,
    role: Role,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
}

impl OwnInvitation {
    pub(super) fn of(row: InvitationRow, workspace_name: String) -> Self {
        Self {
            role: row.role(),
            id: row.id,
            workspace_id: row.workspace_id,
            workspace_name,
            email: row.email,
            expires_at: row.expires_at,
            created_at: row.created_at,
        }
    }
}

/// A workspace that somebody became a member of.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JoinedWorkspace {
    workspace_id: WorkspaceId,
    #[schema(example = "Analytical Engines")]
    workspace_name: String,
    /// What they are in it.
    role: Role,
}

impl JoinedWorkspace {
    pub(crate) fn of(workspace: WorkspaceRow, role: Role) -> Self {
        Self { workspace_id: workspace.workspace_id, workspace_name: workspace.name, role }
    }
}

/// The secret of a mail.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct InvitationToken {
    /// What stands behind `token=` in the link.
    #[schema(min_length = 1, max_length = 100)]
    pub(super) token: String,
}
