use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_ids::UserId;

use crate::domain::role::Role;
use crate::domain::status::MemberStatus;
use crate::store::members::MemberView;

/// Somebody who belongs to a workspace.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    user_id: UserId,
    #[schema(example = "ada@example.org")]
    email: Option<String>,
    #[schema(example = "Ada Lovelace")]
    name: Option<String>,
    role: Role,
    /// Nobody acts whose account is closed, either.
    status: MemberStatus,
    joined_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// The member that a path names.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MemberPath {
    pub(crate) user_id: UserId,
}

impl From<MemberView> for Member {
    fn from(view: MemberView) -> Self {
        Self {
            user_id: view.member.user_id,
            email: view.email,
            name: view.name,
            role: view.member.role(),
            status: view.member.status(),
            joined_at: view.member.joined_at,
            updated_at: view.member.updated_at,
        }
    }
}
