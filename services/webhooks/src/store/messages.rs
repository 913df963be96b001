use std::collections::HashMap;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::future::try_join_all;
use witan_ids::{EventId, WorkspaceId};
use witan_pg::{PgError, Pipeline, prepared};

use crate::schema::messages;

/// An event as partners get it.
#[derive(Debug, Insertable)]
#[diesel(table_name = messages)]
pub(crate) struct MessageRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: EventId,
    pub(crate) event_type: String,
    pub(crate) subject: String,
    pub(crate) body: Vec<u8>,
    pub(crate) occurred_at: DateTime<Utc>,
    pub(crate) created_at: DateTime<Utc>,
}

/// What is sent.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) body: Bytes,
    /// When that happened.
    pub(crate) occurred_at: DateTime<Utc>,
}

/// Those that are there. The bounds say which days to look into.
pub(crate) async fn message_find(
    tx: Pipeline<'_>,
    ids: &[EventId],
) -> Result<HashMap<EventId, Message>, PgError> {
    let (Some(first), Some(last)) = (ids.iter().min(), ids.iter().max()) else { return Ok(HashMap::new()) };
    let query = messages::table
        .filter(messages::id.eq_any(ids))
        .filter(messages::id.between(*first, *last))
        .select((messages::id, messages::body, messages::occurred_at));
    let found: Vec<(EventId, Vec<u8>, DateTime<Utc>)> = query.load(&mut tx.conn()).await?;
    let message =
        |(id, body, occurred_at): (EventId, Vec<u8>, _)| (id, Message { body: body.into(), occurred_at });
    Ok(found.into_iter().map(message).collect())
}

/// Rows of one statement: of each number a statement stays prepared.
const PREPARED: usize = 10;

pub(crate) async fn message_insert(tx: Pipeline<'_>, rows: &[MessageRow]) -> Result<(), PgError> {
    let insert = async |rows: &[MessageRow]| {
        prepared(diesel::insert_into(messages::table).values(rows)).execute(&mut tx.conn()).await
    };
    try_join_all(rows.chunks(PREPARED).map(insert)).await?;
    Ok(())
}
