//! Workspaces that await their deletion, and how far it is.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_events::{Keeper as _, Tables};
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx, TenantTx, Tx as _};

use crate::domain::deletion::NAMELESS;
use crate::schema::{deletions, members, workspaces};
use crate::store::erasure::NOBODY;
use crate::store::feature_flags::flags_forget;
use crate::store::workspaces::WorkspaceRow;

/// Most workspaces of one pass.
const BATCH: i64 = 100;

/// All that is held of a workspace; what refers to these goes with them.
const KEPT: Tables = Tables(&[
    ("members", "workspace_id"),
    ("roles", "workspace_id"),
    ("invitations", "workspace_id"),
    ("join_links", "workspace_id"),
    ("domain_owners", "tenant"),
    ("domains", "workspace_id"),
    ("startups", "workspace_id"),
    ("projects", "workspace_id"),
    ("workspaces", "workspace_id"),
    ("deletions", "tenant"),
    ("places", "tenant"),
]);

/// From now on the workspace awaits its deletion. None: it does already.
pub(crate) async fn deletion_request(
    tx: &mut TenantTx<'_>,
    by: UserId,
    now: DateTime<Utc>,
    due: DateTime<Utc>,
) -> Result<Option<WorkspaceRow>, PgError> {
    let open = workspaces::table.find(tx.workspace_id()).filter(workspaces::deletion_due_at.is_null());
    let values = (
        workspaces::deletion_requested_at.eq(now),
        workspaces::deletion_requested_by.eq(by),
        workspaces::deletion_due_at.eq(due),
    );
    let update = diesel::update(open).set(values).returning(WorkspaceRow::as_returning());
    let row: Option<WorkspaceRow> = update.get_result(tx.conn()).await.optional()?;
    if row.is_some() {
        let entry = (deletions::tenant.eq(tx.workspace_id()), deletions::due_at.eq(due));
        diesel::insert_into(deletions::table).values(entry).execute(tx.conn()).await?;
    }
    Ok(row)
}

/// Has a workspace without members be deleted as soon as may be, nameless until it is; says whether it is one.
pub(crate) async fn abandon_if_deserted(tx: &mut TenantTx<'_>, now: DateTime<Utc>) -> Result<bool, PgError> {
    let id = tx.workspace_id();
    let anybody = members::table.filter(members::workspace_id.eq(id));
    let deserted = workspaces::table.find(id).filter(not(exists(anybody)));
    let values = (
        workspaces::name.eq(NAMELESS),
        workspaces::deletion_requested_at.eq(now),
        workspaces::deletion_requested_by.eq(NOBODY),
        workspaces::deletion_due_at.eq(now),
    );
    if diesel::update(deserted).set(values).execute(tx.conn()).await? == 0 {
        return Ok(false);
    }
    let entry = (deletions::tenant.eq(id), deletions::due_at.eq(now));
    let insert = diesel::insert_into(deletions::table).values(entry).on_conflict(deletions::tenant);
    insert.do_update().set(deletions::due_at.eq(now)).execute(tx.conn()).await?;
    Ok(true)
}

/// When the deletion is due, and whether it has begun; the answer is true until the transaction ends.
pub(crate) async fn deletion_lock(tx: &mut TenantTx<'_>) -> Result<Option<(DateTime<Utc>, bool)>, PgError> {
    let query = deletions::table.find(tx.workspace_id()).for_update();
    let query = query.select((deletions::due_at, deletions::begun_at.is_not_null()));
    Ok(query.first(tx.conn()).await.optional()?)
}

/// Takes it back.
pub(crate) async fn deletion_cancel(
    tx: &mut TenantTx<'_>,
    now: DateTime<Utc>,
) -> Result<WorkspaceRow, PgError> {
    diesel::delete(deletions::table.find(tx.workspace_id())).execute(tx.conn()).await?;
    let values = (
        workspaces::deletion_requested_at.eq(None::<DateTime<Utc>>),
        workspaces::deletion_requested_by.eq(None::<UserId>),
        workspaces::deletion_due_at.eq(None::<DateTime<Utc>>),
        workspaces::updated_at.eq(now),
    );
    let update = diesel::update(workspaces::table.find(tx.workspace_id())).set(values);
    Ok(update.returning(WorkspaceRow::as_returning()).get_result(tx.conn()).await?)
}

/// Workspaces whose grace is over; from now on their deletion has begun.
pub(crate) async fn deletion_begin(
    tx: &mut SystemTx<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<WorkspaceId>, PgError> {
    let due = deletions::table
        .filter(deletions::due_at.le(now))
        .filter(deletions::begun_at.is_null())
        .order(deletions::due_at)
        .limit(BATCH)
        .select(deletions::tenant)
        .for_update()
        .skip_locked();
    let due: Vec<WorkspaceId> = due.load(tx.conn()).await?;
    let begun = diesel::update(deletions::table.filter(deletions::tenant.eq_any(&due)));
    begun.set((deletions::begun_at.eq(now), deletions::asked_at.eq(now))).execute(tx.conn()).await?;
    Ok(due)
}

/// Those of which some service was asked before `before` and has not reported; from now on it was asked at `now`.
pub(crate) async fn deletion_ask_again(
    tx: &mut SystemTx<'_>,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<WorkspaceId>, PgError> {
    let late = deletions::table.filter(deletions::asked_at.le(before));
    let update = diesel::update(late).set(deletions::asked_at.eq(now)).returning(deletions::tenant);
    Ok(update.get_results(tx.conn()).await?)
}

/// Removes the workspace, which every other service has forgotten.
pub(crate) async fn workspace_remove(tx: &mut TenantTx<'_>) -> Result<i64, PgError> {
    let named = flags_forget(tx, "WORKSPACE", tx.workspace_id().uuid()).await?;
    Ok(KEPT.purge(tx).await? + i64::try_from(named).unwrap_or(i64::MAX))
}
