//! Making a workspace: the row, its ADMIN and both events, in one transaction.

use chrono::{DateTime, SubsecRound, Utc};
use witan_clock::Clock;
use witan_ids::UserId;
use witan_pg::{PgError, TenantTx};

use crate::domain::name::Name;
use crate::domain::role::Role;
use crate::events;
use crate::store::members::{MemberRow, member_insert};
use crate::store::workspaces::{WorkspaceRow, workspace_insert};

/// What a workspace begins with.
pub(crate) struct Founding {
    pub(crate) owner: UserId,
    pub(crate) name: Name,
    pub(crate) time_zone: String,
    pub(crate) locale: String,
}

/// Makes the workspace of the transaction.
pub(crate) async fn found(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    founding: &Founding,
) -> Result<WorkspaceRow, PgError> {
    let now: DateTime<Utc> = clock.now().trunc_subsecs(3);
    let workspace = WorkspaceRow {
        workspace_id: tx.workspace_id(),
        name: founding.name.as_str().to_owned(),
        time_zone: founding.time_zone.clone(),
        locale: founding.locale.clone(),
        created_by: founding.owner,
        created_at: now,
        updated_at: now,
        require_second_factor: false,
        deletion_requested_at: None,
        deletion_requested_by: None,
        deletion_due_at: None,
    };
    let admin = MemberRow::new(tx.workspace_id(), founding.owner, Role::Admin, now);
    workspace_insert(tx, &workspace).await?;
    member_insert(tx, &admin).await?;
    events::workspace_created(tx, clock, &workspace).await?;
    events::member_added(tx, clock, &admin).await?;
    Ok(workspace)
}
