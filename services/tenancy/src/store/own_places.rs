//! The places of one person, across workspaces. All of it needs `see_as`.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx, Tx as _};

use crate::schema::{members, roles, workspaces};
use crate::store::members::MemberRow;

/// A person's place, with what decides how they may use it.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct OwnPlace {
    pub(crate) member: MemberRow,
    /// What the workspace's own role allows, where the person has such a one.
    pub(crate) permissions: Option<Vec<String>>,
    /// Whether the workspace asks its members for a second factor.
    pub(crate) second_factor_required: bool,
    /// Whether the workspace awaits its deletion.
    pub(crate) deletion_pending: bool,
}

/// The person's place in one workspace, or in the one they joined first.
pub(crate) async fn member_find_own(
    tx: &mut SystemTx<'_>,
    user: UserId,
    workspace: Option<WorkspaceId>,
) -> Result<Option<OwnPlace>, PgError> {
    let own_role =
        roles::workspace_id.eq(members::workspace_id).and(roles::id.nullable().eq(members::role_id));
    let mut query = members::table
        .inner_join(workspaces::table.on(workspaces::workspace_id.eq(members::workspace_id)))
        .left_join(roles::table.on(own_role))
        .filter(members::user_id.eq(user))
        .select((
            MemberRow::as_select(),
            roles::permissions.nullable(),
            workspaces::require_second_factor,
            workspaces::deletion_due_at.is_not_null(),
        ))
        .into_boxed();
    query = match workspace {
        Some(workspace) => query.filter(members::workspace_id.eq(workspace)),
        None => query.filter(members::status.eq("ACTIVE")),
    };
    // Rather one where they can work.
    let deleted = workspaces::deletion_due_at.is_not_null();
    let query = query.order((deleted, members::joined_at.asc(), members::workspace_id.asc()));
    Ok(query.first(tx.conn()).await.optional()?)
}

/// The workspaces that a person belongs to, in the one order in which several are locked.
pub(crate) async fn member_places(tx: &mut SystemTx<'_>, user: UserId) -> Result<Vec<WorkspaceId>, PgError> {
    let query = members::table
        .filter(members::user_id.eq(user))
        .order(members::workspace_id)
        .select(members::workspace_id);
    Ok(query.load(tx.conn()).await?)
}
