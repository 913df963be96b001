//! Deliveries that arrived, written down many at a time.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;
use witan_clock::Clock;
use witan_ids::{AttemptId, DeliveryId};
use witan_pg::{PgError, TenantTx, Tx as _, sql};

use crate::delivery::create::DeliverJob;
use crate::delivery::record::Attempted;

/// An attempt that succeeded.
pub(crate) struct Arrival {
    delivery: DeliveryId,
    round: i32,
    attempt: AttemptId,
    started_at: DateTime<Utc>,
    duration_ms: i32,
    status: Option<i32>,
    body: String,
    truncated: bool,
}

impl Arrival {
    pub(crate) fn new(clock: &Clock, job: &DeliverJob, attempted: &Attempted) -> Self {
        Self {
            delivery: job.delivery_id,
            round: job.round,
            attempt: AttemptId::generate(clock),
            started_at: attempted.started_at,
            duration_ms: attempted.duration_ms(),
            status: attempted.status,
            body: attempted.body.clone(),
            truncated: attempted.truncated,
        }
    }
}

/// Rows are found by their ids alone, and not by way of all that are pending. One that somebody else has is passed over. An attempt is written under the lock of its delivery's row, as everywhere.
const ARRIVE: &str = "
WITH arrived AS MATERIALIZED (
    SELECT * FROM unnest($3::uuid[], $4::integer[], $5::uuid[], $6::timestamptz[], $7::integer[], $8::integer[], $9::text[], $10::bool[])
        AS arrived (delivery_id, round, attempt_id, started_at, duration_ms, status, body, truncated)
), held AS MATERIALIZED (
    SELECT id, round, state FROM deliveries WHERE workspace_id = $1 AND id = ANY($3) FOR NO KEY UPDATE SKIP LOCKED
), settled AS (
    UPDATE deliveries d SET state = 'SUCCEEDED', round_attempts = d.round_attempts + 1, attempts = d.attempts + 1,
        last_outcome = 'SUCCEEDED', last_status = arrived.status, next_attempt_at = NULL, finished_at = $2,
        sending_until = NULL, pull_position = NULL
    FROM arrived JOIN held ON held.id = arrived.delivery_id AND held.round = arrived.round AND held.state = 'PENDING'
    WHERE d.workspace_id = $1 AND d.id = held.id
    RETURNING d.id, d.attempts, d.endpoint_id, d.event_type
)
INSERT INTO attempts (workspace_id, id, delivery_id, number, started_at, duration_ms, outcome, status, response_body, truncated,
    endpoint_id, event_type)
SELECT $1, arrived.attempt_id, settled.id, settled.attempts, arrived.started_at, arrived.duration_ms, 'SUCCEEDED', arrived.status,
    arrived.body, arrived.truncated, settled.endpoint_id, settled.event_type
FROM settled JOIN arrived ON arrived.delivery_id = settled.id
RETURNING delivery_id";

#[derive(QueryableByName)]
struct Settled {
    #[diesel(sql_type = SqlUuid)]
    delivery_id: DeliveryId,
}

/// Settles the workspace's deliveries that are still open in the same round, with the attempts that did it. Which they were.
pub(crate) async fn delivery_arrive(
    tx: &mut TenantTx<'_>,
    arrivals: Vec<Arrival>,
    now: DateTime<Utc>,
) -> Result<Vec<DeliveryId>, PgError> {
    let mut rows = Columns::default();
    for arrival in arrivals {
        rows.deliveries.push(arrival.delivery.uuid());
        rows.rounds.push(arrival.round);
        rows.attempts.push(arrival.attempt.uuid());
        rows.starts.push(arrival.started_at);
        rows.durations.push(arrival.duration_ms);
        rows.statuses.push(arrival.status);
        rows.bodies.push(arrival.body);
        rows.truncated.push(arrival.truncated);
    }
    let query = sql(ARRIVE)
        .bind::<SqlUuid, _>(tx.workspace_id().uuid())
        .bind::<Timestamptz, _>(now)
        .bind::<Array<SqlUuid>, _>(rows.deliveries)
        .bind::<Array<Integer>, _>(rows.rounds)
        .bind::<Array<SqlUuid>, _>(rows.attempts)
        .bind::<Array<Timestamptz>, _>(rows.starts)
        .bind::<Array<Integer>, _>(rows.durations)
        .bind::<Array<Nullable<Integer>>, _>(rows.statuses)
        .bind::<Array<Text>, _>(rows.bodies)
        .bind::<Array<Bool>, _>(rows.truncated);
    let settled: Vec<Settled> = query.load(tx.conn()).await?;
    Ok(settled.into_iter().map(|row| row.delivery_id).collect())
}

/// The rows as the statement takes them.
#[derive(Default)]
struct Columns {
    deliveries: Vec<Uuid>,
    rounds: Vec<i32>,
    attempts: Vec<Uuid>,
    starts: Vec<DateTime<Utc>>,
    durations: Vec<i32>,
    statuses: Vec<Option<i32>>,
    bodies: Vec<String>,
    truncated: Vec<bool>,
}
