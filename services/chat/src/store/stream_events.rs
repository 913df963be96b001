use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use witan_ids::{StreamId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::schema::stream_events as table;

/// One event of a stream.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct StreamEventRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) stream_id: StreamId,
    pub(crate) seq: i32,
    pub(crate) event: String,
    pub(crate) data: Value,
    pub(crate) created_at: DateTime<Utc>,
}

/// The primary key refuses a number that is taken: two writers of one stream cannot both go on.
pub(crate) async fn stream_event_append(tx: &mut TenantTx<'_>, row: &StreamEventRow) -> Result<(), PgError> {
    diesel::insert_into(table::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn stream_event_list(
    tx: &mut TenantTx<'_>,
    stream: StreamId,
    after: i32,
    limit: i64,
) -> Result<Vec<StreamEventRow>, PgError> {
    let query = table::table
        .filter(table::stream_id.eq(stream))
        .filter(table::seq.gt(after))
        .order(table::seq.asc())
        .limit(limit)
        .select(StreamEventRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

/// What a stream has said so far, and the number of its last event: for a message whose writer died.
pub(crate) async fn stream_event_said(
    tx: &mut TenantTx<'_>,
    stream: StreamId,
) -> Result<(String, i32), PgError> {
    let rows: Vec<(i32, Value)> = table::table
        .filter(table::stream_id.eq(stream))
        .order(table::seq.asc())
        .select((table::seq, table::data))
        .load(tx.conn())
        .await?;
    let last = rows.last().map_or(0, |(seq, _)| *seq);
    let text = rows.iter().filter_map(|(_, data)| data["text"].as_str());
    Ok((text.collect(), last))
}
