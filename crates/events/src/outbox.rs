//! Writing events, in the transaction of what they tell.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use witan_clock::Clock;
use witan_ids::{EventId, WorkspaceId};
use witan_pg::{PgError, Tx};
use witan_telemetry::propagation;

use crate::Event;

/// The counter's row lock orders an aggregate's commits: whoever comes second waits here for the first one to
/// commit, so that numbers, positions and commits agree. The notification is delivered at the commit.
const INSERT: &str = "
WITH counted AS (
    INSERT INTO outbox_subjects AS s (subject, sequence) VALUES ($3, 1)
    ON CONFLICT (subject) DO UPDATE SET sequence = s.sequence + 1 RETURNING s.sequence
), told AS (SELECT pg_notify('witan_outbox_' || current_schema(), ''))
INSERT INTO outbox (id, event_type, subject, sequence, workspace, time, traceparent, tracestate, data)
SELECT $1, $2, $3, counted.sequence, $4, $5, $6, $7, $8 FROM counted, told";

/// Publishes `event` about `subject` when the transaction commits, and only then.
///
/// The tenant is the transaction's, or else the one that the event names. Events about one subject are
/// delivered in the order of their commits.
///
/// # Errors
/// When the row cannot be written, or when the event names another workspace than the transaction's.
pub async fn publish<E: Event>(
    tx: &mut impl Tx,
    clock: &Clock,
    subject: &str,
    event: &E,
) -> Result<EventId, PgError> {
    let data = serde_json::to_value(event).map_err(refused)?;
    let workspace = workspace(tx.workspace(), &data)?;
    let id = EventId::generate(clock);
    let row = Row { id, event_type: E::TYPE, subject, workspace, time: clock.now(), data: data.to_string() };
    insert(tx, row).await?;
    Ok(id)
}

struct Row<'a> {
    id: EventId,
    event_type: &'static str,
    subject: &'a str,
    workspace: Option<WorkspaceId>,
    time: DateTime<Utc>,
    data: String,
}

async fn insert(tx: &mut impl Tx, row: Row<'_>) -> Result<(), PgError> {
    let trace = propagation::current();
    let query = diesel::sql_query(INSERT)
        .bind::<SqlUuid, _>(row.id.uuid())
        .bind::<Text, _>(row.event_type)
        .bind::<Text, _>(row.subject)
        .bind::<Nullable<SqlUuid>, _>(row.workspace.map(|workspace| workspace.uuid()))
        .bind::<Timestamptz, _>(row.time)
        .bind::<Nullable<Text>, _>(trace.traceparent)
        .bind::<Nullable<Text>, _>(trace.tracestate)
        .bind::<Text, _>(row.data);
    witan_pg::expect_one(query.execute(tx.conn()).await?)
}

fn workspace(tx: Option<WorkspaceId>, data: &Value) -> Result<Option<WorkspaceId>, PgError> {
    let named = data.get("workspaceId").and_then(Value::as_str).filter(|id| !id.is_empty());
    let named = named.map(str::parse).transpose().map_err(refused)?;
    match (tx, named) {
        (Some(tx), Some(named)) if tx != named => {
            Err(refused("the event names another workspace than the transaction's"))
        }
        (tx, named) => Ok(tx.or(named)),
    }
}

fn refused(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PgError {
    PgError::Query(diesel::result::Error::SerializationError(why.into()))
}
