use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
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

pub(crate) async fn message_insert(tx: Pipeline<'_>, row: &MessageRow) -> Result<(), PgError> {
    prepared(diesel::insert_into(messages::table).values(row)).execute(&mut tx.conn()).await?;
    Ok(())
}
