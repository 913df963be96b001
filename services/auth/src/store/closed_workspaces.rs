//! Workspaces that await their deletion.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::WorkspaceId;
use witan_pg::{PgError, TenantTx, Tx};

use super::schema::{api_keys, closed_workspaces, users};

/// From now on the workspace's keys do not hold.
pub(crate) async fn workspace_close(
    tx: &mut impl Tx,
    workspace: WorkspaceId,
    now: DateTime<Utc>,
) -> Result<(), PgError> {
    let row = (closed_workspaces::workspace.eq(workspace), closed_workspaces::closed_at.eq(now));
    let insert = diesel::insert_into(closed_workspaces::table).values(row).on_conflict_do_nothing();
    insert.execute(tx.conn()).await?;
    Ok(())
}

/// From now on they hold again.
pub(crate) async fn workspace_open(tx: &mut impl Tx, workspace: WorkspaceId) -> Result<(), PgError> {
    diesel::delete(closed_workspaces::table.find(workspace)).execute(tx.conn()).await?;
    Ok(())
}

/// Removes its keys, and what else is known of it; says how many rows that were.
pub(crate) async fn workspace_remove(tx: &mut TenantTx<'_>) -> Result<i64, PgError> {
    let id = tx.workspace_id();
    let keys = api_keys::table.filter(api_keys::workspace.eq(id));
    let keys = diesel::delete(keys).execute(tx.conn()).await?;
    let homes = users::table.filter(users::default_workspace.eq(id));
    let nowhere = users::default_workspace.eq(None::<WorkspaceId>);
    let homes = diesel::update(homes).set(nowhere).execute(tx.conn()).await?;
    let closed = diesel::delete(closed_workspaces::table.find(id)).execute(tx.conn()).await?;
    Ok(i64::try_from(keys + homes + closed).unwrap_or(i64::MAX))
}
