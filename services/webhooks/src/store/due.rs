//! What an attempt needs to know, in one statement: it is asked for before each of them.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::DeliveryId;
use witan_pg::{PgError, Pipeline};

use super::deliveries::DeliveryRow;
use super::endpoints::EndpointRow;
use crate::schema::{deliveries, endpoints, messages, silences};

/// A delivery with its endpoint and its message.
#[derive(Debug, Queryable)]
pub(crate) struct DueRow {
    pub(crate) delivery: DeliveryRow,
    pub(crate) endpoint: EndpointRow,
    /// What is sent.
    pub(crate) body: Vec<u8>,
    /// When that happened.
    pub(crate) occurred_at: DateTime<Utc>,
    /// Whether nothing was sent for the workspace when this was read.
    pub(crate) silenced: bool,
}

pub(crate) async fn due_find(tx: Pipeline<'_>, id: DeliveryId) -> Result<Option<DueRow>, PgError> {
    let endpoint =
        endpoints::workspace_id.eq(deliveries::workspace_id).and(endpoints::id.eq(deliveries::endpoint_id));
    let message =
        messages::workspace_id.eq(deliveries::workspace_id).and(messages::id.eq(deliveries::message_id));
    let query = deliveries::table
        .inner_join(endpoints::table.on(endpoint))
        .inner_join(messages::table.on(message))
        .filter(deliveries::id.eq(id))
        .select((
            DeliveryRow::as_select(),
            EndpointRow::as_select(),
            messages::body,
            messages::occurred_at,
            exists(silences::table.find(tx.workspace_id())),
        ));
    Ok(query.first(&mut tx.conn()).await.optional()?)
}
