use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::schema::run_events as table;

/// Something that happened in a run.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct RunEventRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) run_id: RunId,
    pub(crate) seq: i32,
    pub(crate) event: String,
    pub(crate) data: Value,
    pub(crate) created_at: DateTime<Utc>,
}

/// The primary key refuses a number that is taken: two processes cannot both go on with one log.
pub(crate) async fn run_event_append(tx: &mut TenantTx<'_>, rows: &[RunEventRow]) -> Result<(), PgError> {
    diesel::insert_into(table::table).values(rows).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn run_event_list(
    tx: &mut TenantTx<'_>,
    run: RunId,
    after: i32,
    limit: i64,
) -> Result<Vec<RunEventRow>, PgError> {
    let query = table::table
        .filter(table::workspace_id.eq(tx.workspace_id()))
        .filter(table::run_id.eq(run))
        .filter(table::seq.gt(after))
        .order(table::seq.asc())
        .limit(limit)
        .select(RunEventRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

/// The number of the last event; 0 when there is none.
pub(crate) async fn run_event_last(tx: &mut TenantTx<'_>, run: RunId) -> Result<i32, PgError> {
    let query = table::table
        .filter(table::workspace_id.eq(tx.workspace_id()))
        .filter(table::run_id.eq(run))
        .order(table::seq.desc())
        .select(table::seq);
    Ok(query.first(tx.conn()).await.optional()?.unwrap_or_default())
}

pub(crate) async fn run_event_forget(tx: &mut TenantTx<'_>, run: RunId) -> Result<(), PgError> {
    let of_run = table::table.filter(table::workspace_id.eq(tx.workspace_id())).filter(table::run_id.eq(run));
    diesel::delete(of_run).execute(tx.conn()).await?;
    Ok(())
}
