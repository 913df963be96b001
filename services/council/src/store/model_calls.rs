use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use witan_ids::WorkspaceId;
use witan_pg::{PgError, SystemTx, Tx, expect_one, prepared};

use crate::schema::model_calls as table;

/// A call of a plain model that is under way. The table belongs to no tenant: it is how one process finds what another has
/// not told.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct ModelCallRow {
    pub(crate) call_id: String,
    pub(crate) tenant: WorkspaceId,
    /// What is told if nobody knows its end.
    pub(crate) event: Value,
    pub(crate) lapses_at: DateTime<Utc>,
}

pub(crate) async fn model_call_insert(
    conn: &mut AsyncPgConnection,
    row: &ModelCallRow,
) -> Result<(), PgError> {
    expect_one(prepared(diesel::insert_into(table::table).values(row)).execute(conn).await?)
}

/// False when it was told already.
pub(crate) async fn model_call_take(tx: &mut impl Tx, id: &str) -> Result<bool, PgError> {
    Ok(diesel::delete(table::table.find(id)).execute(tx.conn()).await? > 0)
}

/// Takes some whose process has died.
pub(crate) async fn model_call_take_lapsed(
    tx: &mut SystemTx<'_>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ModelCallRow>, PgError> {
    let lapsed = table::table
        .filter(table::lapses_at.lt(now))
        .order(table::lapses_at)
        .limit(limit)
        .select(ModelCallRow::as_select())
        .for_update()
        .skip_locked();
    let rows: Vec<ModelCallRow> = lapsed.load(tx.conn()).await?;
    let ids: Vec<&str> = rows.iter().map(|row| row.call_id.as_str()).collect();
    diesel::delete(table::table.filter(table::call_id.eq_any(ids))).execute(tx.conn()).await?;
    Ok(rows)
}
