use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::{AttemptId, DeliveryId, EndpointId, EventId};

use crate::domain::outcome::Outcome;
use crate::domain::state::DeliveryState;
use crate::store::attempts::AttemptRow;
use crate::store::deliveries::DeliveryRow;

/// One event on its way to one endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookDelivery)]
pub(crate) struct Delivery {
    pub(crate) id: DeliveryId,
    pub(crate) endpoint_id: EndpointId,
    /// The event; `webhook-id` of every attempt.
    pub(crate) event_id: EventId,
    #[schema(example = "startup.created")]
    pub(crate) event_type: String,
    pub(crate) state: DeliveryState,
    /// Attempts so far, those of earlier resends included.
    pub(crate) attempts: i32,
    /// What the last attempt came to.
    #[schema(required, example = "SUCCEEDED")]
    pub(crate) last_outcome: Option<String>,
    /// The last HTTP status, if there was an answer.
    #[schema(required)]
    pub(crate) last_status: Option<i32>,
    /// `null` of one that is `PENDING`: it waits for those before it.
    #[schema(required)]
    pub(crate) next_attempt_at: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    #[schema(required)]
    pub(crate) finished_at: Option<DateTime<Utc>>,
}

impl From<DeliveryRow> for Delivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            state: row.state(),
            id: row.id,
            endpoint_id: row.endpoint_id,
            event_id: row.message_id,
            event_type: row.event_type,
            attempts: row.attempts,
            last_outcome: row.last_outcome,
            last_status: row.last_status,
            next_attempt_at: row.next_attempt_at,
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}

/// One attempt.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookAttempt)]
pub(crate) struct Attempt {
    id: AttemptId,
    delivery_id: DeliveryId,
    endpoint_id: EndpointId,
    #[schema(example = "startup.created")]
    event_type: String,
    /// The how many-th of its delivery.
    number: i32,
    started_at: DateTime<Utc>,
    /// From connecting to the last byte read.
    duration_ms: i32,
    outcome: Outcome,
    /// The HTTP status, if there was an answer.
    #[schema(required)]
    status: Option<i32>,
    /// The first 4 KB of the answer.
    response_body: String,
    /// Whether there was more.
    response_truncated: bool,
    /// When the next attempt was planned then.
    #[schema(required)]
    next_attempt_at: Option<DateTime<Utc>>,
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        Self {
            id: row.id,
            delivery_id: row.delivery_id,
            endpoint_id: row.endpoint_id,
            event_type: row.event_type,
            number: row.number,
            started_at: row.started_at,
            duration_ms: row.duration_ms,
            outcome: Outcome::from_column(&row.outcome),
            status: row.status,
            response_body: row.response_body,
            response_truncated: row.truncated,
            next_attempt_at: row.next_attempt_at,
        }
    }
}
