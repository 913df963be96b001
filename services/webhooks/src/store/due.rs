//! What attempts need to know of their deliveries, in statements that are asked together before each of them.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::try_join;
use witan_ids::{DeliveryId, EndpointId};
use witan_pg::{PgError, Pipeline};

use super::deliveries::DeliveryRow;
use super::endpoints::EndpointRow;
use crate::schema::{deliveries, endpoints, silences};

/// A delivery with its endpoint.
#[derive(Debug)]
pub(crate) struct DueRow {
    pub(crate) delivery: DeliveryRow,
    pub(crate) endpoint: Arc<EndpointRow>,
    /// Whether nothing was sent for the workspace when this was read.
    pub(crate) silenced: bool,
}

/// Deliveries to any of some endpoints, those that are there.
///
/// Not as a join: it would be planned while there are few deliveries, by way of all that an endpoint has had.
pub(crate) async fn due_find(
    tx: Pipeline<'_>,
    ids: &[DeliveryId],
    endpoints: &[EndpointId],
) -> Result<HashMap<DeliveryId, DueRow>, PgError> {
    let (deliveries, endpoints, silenced) =
        try_join!(deliveries_find(tx, ids), endpoints_find(tx, endpoints), is_silenced(tx))?;
    let due = |delivery: DeliveryRow| {
        let endpoint = endpoints.get(&delivery.endpoint_id)?.clone();
        Some((delivery.id, DueRow { delivery, endpoint, silenced }))
    };
    Ok(deliveries.into_iter().filter_map(due).collect())
}

async fn deliveries_find(tx: Pipeline<'_>, ids: &[DeliveryId]) -> Result<Vec<DeliveryRow>, PgError> {
    let query = deliveries::table.filter(deliveries::id.eq_any(ids)).select(DeliveryRow::as_select());
    Ok(query.load(&mut tx.conn()).await?)
}

async fn endpoints_find(
    tx: Pipeline<'_>,
    ids: &[EndpointId],
) -> Result<HashMap<EndpointId, Arc<EndpointRow>>, PgError> {
    let query = endpoints::table.filter(endpoints::id.eq_any(ids)).select(EndpointRow::as_select());
    let rows: Vec<EndpointRow> = query.load(&mut tx.conn()).await?;
    Ok(rows.into_iter().map(|row| (row.id, Arc::new(row))).collect())
}

async fn is_silenced(tx: Pipeline<'_>) -> Result<bool, PgError> {
    let query = diesel::select(exists(silences::table.find(tx.workspace_id())));
    Ok(query.get_result(&mut tx.conn()).await?)
}
