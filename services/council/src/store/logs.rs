use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, Tx};

use crate::schema::run_logs as table;

/// A run that has ended and whose events are kept for a while yet. The table belongs to no tenant.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct LogRow {
    pub(crate) run_id: RunId,
    pub(crate) tenant: WorkspaceId,
    pub(crate) ended_at: DateTime<Utc>,
}

pub(crate) async fn log_insert(tx: &mut impl Tx, row: &LogRow) -> Result<(), PgError> {
    diesel::insert_into(table::table).values(row).on_conflict_do_nothing().execute(tx.conn()).await?;
    Ok(())
}

/// Takes some that ended before this out of the table.
pub(crate) async fn log_take(
    tx: &mut impl Tx,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<LogRow>, PgError> {
    let old = table::table
        .filter(table::ended_at.lt(before))
        .order(table::ended_at.asc())
        .limit(limit)
        .select(LogRow::as_select())
        .for_update()
        .skip_locked();
    let rows: Vec<LogRow> = old.load(tx.conn()).await?;
    let ids: Vec<RunId> = rows.iter().map(|row| row.run_id).collect();
    diesel::delete(table::table.filter(table::run_id.eq_any(ids))).execute(tx.conn()).await?;
    Ok(rows)
}
