use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{MessageId, StreamId, WorkspaceId};
use witan_pg::{PgError, Tx};

use crate::schema::live_streams as table;

/// A stream that is being written. The table belongs to no tenant: it is how one process finds what another left.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct LiveStreamRow {
    pub(crate) stream_id: StreamId,
    pub(crate) tenant: WorkspaceId,
    pub(crate) message_id: MessageId,
    pub(crate) beat_at: DateTime<Utc>,
    pub(crate) stop_requested: bool,
}

pub(crate) async fn live_stream_insert(tx: &mut impl Tx, row: &LiveStreamRow) -> Result<(), PgError> {
    diesel::insert_into(table::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// Says that the writer is alive; the answer says whether it should stop. `None`: it was given up and must stop.
pub(crate) async fn live_stream_beat(
    tx: &mut impl Tx,
    id: StreamId,
    now: DateTime<Utc>,
) -> Result<Option<bool>, PgError> {
    let beat = diesel::update(table::table.filter(table::stream_id.eq(id)))
        .set(table::beat_at.eq(now))
        .returning(table::stop_requested)
        .get_result(tx.conn())
        .await;
    Ok(beat.optional()?)
}

/// Whether there was a writer to ask.
pub(crate) async fn live_stream_request_stop(tx: &mut impl Tx, id: StreamId) -> Result<bool, PgError> {
    let asked = diesel::update(table::table.filter(table::stream_id.eq(id)))
        .set(table::stop_requested.eq(true))
        .execute(tx.conn())
        .await?;
    Ok(asked == 1)
}

pub(crate) async fn live_stream_delete(tx: &mut impl Tx, id: StreamId) -> Result<(), PgError> {
    diesel::delete(table::table.filter(table::stream_id.eq(id))).execute(tx.conn()).await?;
    Ok(())
}

/// Streams whose writer has been silent since `before`, locked so that one sweeper takes each.
pub(crate) async fn live_stream_silent(
    tx: &mut impl Tx,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<LiveStreamRow>, PgError> {
    let query = table::table
        .filter(table::beat_at.lt(before))
        .order(table::beat_at.asc())
        .limit(limit)
        .select(LiveStreamRow::as_select())
        .for_update()
        .skip_locked();
    Ok(query.load(tx.conn()).await?)
}
