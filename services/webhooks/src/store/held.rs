//! What is held of a person or of a workspace, as they are told it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde::Serialize;
use witan_ids::{DeliveryId, EndpointId, EventId, UserId};
use witan_pg::{PgError, TenantTx, Tx as _, sql};
use witan_web::Lines;

use super::endpoints::EndpointRow;
use crate::schema::{deliveries, endpoints};

/// A message that names them.
#[derive(Debug, QueryableByName)]
pub(crate) struct HeldMessage {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: EventId,
    #[diesel(sql_type = Text)]
    pub(crate) event_type: String,
    #[diesel(sql_type = Text)]
    pub(crate) subject: String,
    #[diesel(sql_type = Binary)]
    pub(crate) body: Vec<u8>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) occurred_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) created_at: DateTime<Utc>,
}

/// Where a message went, and whether it arrived.
#[derive(Debug, Serialize, HasQuery)]
#[diesel(table_name = deliveries)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldDelivery {
    id: DeliveryId,
    #[serde(skip)]
    pub(crate) message_id: EventId,
    endpoint_id: EndpointId,
    state: String,
    attempts: i32,
    last_outcome: Option<String>,
    last_status: Option<i32>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

const MESSAGES: &str = "
SELECT m.id, m.event_type, m.subject, m.body, m.occurred_at, m.created_at
FROM mentions n JOIN messages m ON m.workspace_id = n.tenant AND m.id = n.message_id
WHERE n.user_name = $1 AND n.tenant = $2 AND n.message_id > $3
ORDER BY n.message_id LIMIT $4";

/// A page of them, those after `after`.
pub(crate) async fn held_messages(
    tx: &mut TenantTx<'_>,
    user: UserId,
    after: EventId,
) -> Result<Vec<HeldMessage>, PgError> {
    let workspace = tx.workspace_id().uuid();
    let query = sql(MESSAGES).bind::<Text, _>(user.to_string()).bind::<SqlUuid, _>(workspace);
    let query = query.bind::<SqlUuid, _>(after.uuid()).bind::<BigInt, _>(Lines::PAGE);
    Ok(query.load(tx.conn()).await?)
}

/// Those of some messages: as many of each as the workspace has endpoints.
pub(crate) async fn held_deliveries(
    tx: &mut TenantTx<'_>,
    messages: &[EventId],
) -> Result<Vec<HeldDelivery>, PgError> {
    let query = HeldDelivery::query()
        .filter(deliveries::workspace_id.eq(tx.workspace_id()))
        .filter(deliveries::message_id.eq_any(messages))
        .order(deliveries::id);
    Ok(query.load(tx.conn()).await?)
}

/// A page of the workspace's endpoints, those after `after`.
pub(crate) async fn kept_endpoints(
    tx: &mut TenantTx<'_>,
    after: EndpointId,
) -> Result<Vec<EndpointRow>, PgError> {
    let query = endpoints::table.filter(endpoints::id.gt(after)).order(endpoints::id).limit(Lines::PAGE);
    Ok(query.select(EndpointRow::as_select()).load(tx.conn()).await?)
}

const ALL_MESSAGES: &str = "
SELECT id, event_type, subject, body, occurred_at, created_at FROM messages
WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3";

/// A page of what its endpoints were sent.
pub(crate) async fn kept_messages(
    tx: &mut TenantTx<'_>,
    after: EventId,
) -> Result<Vec<HeldMessage>, PgError> {
    let query = sql(ALL_MESSAGES).bind::<SqlUuid, _>(tx.workspace_id().uuid());
    let query = query.bind::<SqlUuid, _>(after.uuid()).bind::<BigInt, _>(Lines::PAGE);
    Ok(query.load(tx.conn()).await?)
}
