//! Who belongs to which workspace: asked by every service before it lets anybody at a workspace's rows.

use async_trait::async_trait;
use witan_access::{AccessError, Membership, Memberships};
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{Pg, PgError, SystemTx};

use crate::domain::rights::Rights;
use crate::domain::status::MemberStatus;
use crate::store::own_places::{OwnPlace, member_find_own};
use crate::store::workspaces::see_as;

/// The answer from this service's own tables.
#[derive(Clone)]
pub(crate) struct OwnMemberships(pub(crate) Pg);

impl OwnMemberships {
    /// The person's place in one workspace, or in the one they joined first.
    pub(crate) async fn lookup(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
    ) -> Result<Option<Membership>, PgError> {
        let find = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
            see_as(tx, user).await?;
            member_find_own(tx, user, workspace).await
        };
        Ok(self.0.tx("membership.find", find).await?.map(present))
    }
}

#[async_trait]
impl Memberships for OwnMemberships {
    async fn find(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
    ) -> Result<Option<Membership>, AccessError> {
        self.lookup(user, workspace).await.map_err(|error| AccessError::unavailable("memberships", error))
    }
}

fn present(place: OwnPlace) -> Membership {
    let OwnPlace { member: row, permissions, second_factor_required, deletion_pending } = place;
    let role = row.role();
    Membership {
        workspace_id: row.workspace_id,
        user_id: row.user_id,
        role: role.to_string(),
        permissions: Rights::of(role, &permissions.unwrap_or_default()).names(),
        active: row.status() == MemberStatus::Active,
        second_factor_required,
        deletion_pending,
    }
}
