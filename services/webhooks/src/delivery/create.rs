use chrono::{DateTime, Utc};
use futures_util::try_join;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use witan_clock::Clock;
use witan_ids::{DeliveryId, EndpointId, EventId, WorkspaceId};
use witan_jobs::NewJob;
use witan_pg::{PgError, Pipeline, TenantTx};
use witan_telemetry::TraceContext;

use crate::domain::body;
use crate::domain::order::Position;
use crate::domain::state::{DeliveryState, EndpointState};
use crate::store::deliveries::{DeliveryRow, delivery_insert};
use crate::store::messages::{MessageRow, message_insert};
use crate::store::pull::Target;

pub(crate) const KIND: &str = "webhooks.deliver";
/// Of deliveries that are sent again in bulk: they have workers of their own.
pub(crate) const REPLAYED: &str = "webhooks.deliver_replayed";
/// The schedule ends it.
const MAX_RUNS: i32 = i32::MAX;

/// What a delivery's job carries.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeliverJob {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) endpoint_id: EndpointId,
    pub(crate) delivery_id: DeliveryId,
    pub(crate) message_id: EventId,
    pub(crate) round: i32,
}

impl From<&DeliveryRow> for DeliverJob {
    fn from(row: &DeliveryRow) -> Self {
        Self {
            workspace_id: row.workspace_id,
            endpoint_id: row.endpoint_id,
            delivery_id: row.id,
            message_id: row.message_id,
            round: row.round,
        }
    }
}

/// An event for partners.
pub(crate) struct NewMessage<'a> {
    pub(crate) id: EventId,
    pub(crate) event_type: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) occurred_at: DateTime<Utc>,
    pub(crate) data: &'a Value,
    /// Where it stands among those about the same thing, if that is known.
    pub(crate) position: Option<Position>,
    /// Where in the trace its deliveries belong; where it is stored if not said.
    pub(crate) trace: Option<TraceContext>,
}

/// Stores messages and their deliveries to those targets, and enqueues their jobs: three statements, however many endpoints there are.
pub(crate) async fn create(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    messages: Vec<(NewMessage<'_>, Vec<Target>)>,
) -> Result<Vec<DeliveryRow>, PgError> {
    let (mut stored, mut deliveries, mut jobs) = (Vec::new(), Vec::new(), Vec::new());
    for (message, targets) in messages {
        let row = message.row(tx.workspace_id(), clock.now());
        for target in targets {
            let delivery = delivery(clock, &row, message.position, target);
            jobs.extend(job(KIND, &delivery).map(|job| NewJob { trace: message.trace.clone(), ..job }));
            deliveries.push(delivery);
        }
        stored.push(row);
    }
    let all = tx.pipeline();
    try_join!(
        message_insert(all, &stored),
        delivery_insert(all, &deliveries),
        witan_jobs::enqueue_many(all.conn(), clock, jobs)
    )?;
    Ok(deliveries)
}

impl NewMessage<'_> {
    fn row(&self, workspace_id: WorkspaceId, now: DateTime<Utc>) -> MessageRow {
        let (id, workspace) = (self.id.to_string(), workspace_id.to_string());
        MessageRow {
            workspace_id,
            id: self.id,
            event_type: self.event_type.to_owned(),
            subject: self.subject.to_owned(),
            body: body::bytes(&id, self.event_type, self.occurred_at, &workspace, self.data),
            occurred_at: self.occurred_at,
            created_at: now,
        }
    }
}

fn delivery(clock: &Clock, message: &MessageRow, position: Option<Position>, target: Target) -> DeliveryRow {
    let state = match target.state {
        EndpointState::Enabled => DeliveryState::Pending,
        EndpointState::Paused | EndpointState::Unverified | EndpointState::Pulled => DeliveryState::Held,
        // Not sent, and there to be recovered.
        EndpointState::Disabled => DeliveryState::Cancelled,
    };
    DeliveryRow {
        workspace_id: message.workspace_id,
        id: DeliveryId::generate(clock),
        endpoint_id: target.endpoint,
        message_id: message.id,
        event_type: message.event_type.clone(),
        state: state.as_str().to_owned(),
        round: 1,
        round_attempts: 0,
        attempts: 0,
        last_outcome: None,
        last_status: None,
        next_attempt_at: (state == DeliveryState::Pending).then_some(message.created_at),
        created_at: message.created_at,
        finished_at: (state == DeliveryState::Cancelled).then_some(message.created_at),
        order_key: position.map(|at| at.key),
        sequence: position.map(|at| at.sequence),
        pull_position: target.place,
        slot_at: None,
    }
}

/// A job for each delivery that is pending.
pub(crate) async fn enqueue(tx: Pipeline<'_>, clock: &Clock, rows: &[DeliveryRow]) -> Result<(), PgError> {
    enqueue_as(tx, clock, KIND, rows).await
}

/// The same, for workers of this kind.
pub(crate) async fn enqueue_as(
    tx: Pipeline<'_>,
    clock: &Clock,
    kind: &'static str,
    rows: &[DeliveryRow],
) -> Result<(), PgError> {
    let jobs = rows.iter().filter_map(|row| job(kind, row)).collect();
    witan_jobs::enqueue_many(tx.conn(), clock, jobs).await
}

/// Of a delivery that is pending.
fn job(kind: &'static str, row: &DeliveryRow) -> Option<NewJob> {
    let payload = || serde_json::to_value(DeliverJob::from(row)).unwrap_or_default();
    (row.state() == DeliveryState::Pending).then(|| NewJob::new(kind, payload()).max_attempts(MAX_RUNS))
}
