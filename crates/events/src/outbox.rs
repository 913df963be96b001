//! Events that are to be published: written in the transaction of what they tell, read and marked by the relay.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use witan_clock::Clock;
use witan_ids::{EventId, WorkspaceId};
use witan_pg::{PgError, Session, Tx, sql};
use witan_telemetry::{TraceContext, propagation};

use crate::{Envelope, Event};

/// The counter's row lock orders an aggregate's commits: whoever comes second waits here for the first one to
/// commit, so that numbers, positions and commits agree. The notification is delivered at the commit.
const INSERT: &str = "
WITH counted AS (
    INSERT INTO outbox_subjects AS s (subject, sequence) VALUES ($3, 1)
    ON CONFLICT (subject) DO UPDATE SET sequence = s.sequence + 1 RETURNING s.sequence
), told AS (SELECT pg_notify('witan_outbox_' || current_schema(), ''))
INSERT INTO outbox (id, event_type, subject, sequence, workspace, time, traceparent, tracestate, data)
SELECT $1, $2, $3, counted.sequence, $4, $5, $6, $7, $8 FROM counted, told";

/// Without a counter: whatever else is told about the subject is in no order with it.
const INSERT_ALONE: &str = "
WITH told AS (SELECT pg_notify('witan_outbox_' || current_schema(), ''))
INSERT INTO outbox (id, event_type, subject, sequence, workspace, time, traceparent, tracestate, data)
SELECT $1, $2, $3, 1, $4, $5, $6, $7, $8 FROM told";

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
    write(tx, clock, subject, event, INSERT).await
}

/// [`publish`] for a subject of which nothing else is ever told, such as one delivery: it has no number to wait for, and
/// leaves no counter behind.
///
/// # Errors
/// As [`publish`].
pub async fn publish_alone<E: Event>(
    tx: &mut impl Tx,
    clock: &Clock,
    subject: &str,
    event: &E,
) -> Result<EventId, PgError> {
    write(tx, clock, subject, event, INSERT_ALONE).await
}

async fn write<E: Event>(
    tx: &mut impl Tx,
    clock: &Clock,
    subject: &str,
    event: &E,
    statement: &'static str,
) -> Result<EventId, PgError> {
    let data = serde_json::to_value(event).map_err(refused)?;
    let workspace = workspace(tx.workspace(), &data)?;
    let id = EventId::generate(clock);
    let row =
        NewRow { id, event_type: E::TYPE, subject, workspace, time: clock.now(), data: data.to_string() };
    insert(tx, row, statement).await?;
    Ok(id)
}

struct NewRow<'a> {
    id: EventId,
    event_type: &'static str,
    subject: &'a str,
    workspace: Option<WorkspaceId>,
    time: DateTime<Utc>,
    data: String,
}

async fn insert(tx: &mut impl Tx, row: NewRow<'_>, statement: &'static str) -> Result<(), PgError> {
    let trace = propagation::current();
    let query = sql(statement)
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

/// Makes marks cheap: one that a crash of the database undoes only sends the event again.
pub(crate) async fn prepare(session: &mut Session) -> Result<(), PgError> {
    let query = diesel::sql_query("SET synchronous_commit = off");
    session.query(async move |conn| query.execute(conn).await).await.map(drop)
}

/// A row of the outbox.
pub(crate) struct Row {
    pub(crate) event: Envelope,
    pub(crate) body: String,
}

#[derive(diesel::QueryableByName)]
struct Stored {
    #[diesel(sql_type = SqlUuid)]
    id: EventId,
    #[diesel(sql_type = Text)]
    event_type: String,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = BigInt)]
    sequence: i64,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    workspace: Option<WorkspaceId>,
    #[diesel(sql_type = Timestamptz)]
    time: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    traceparent: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    tracestate: Option<String>,
    #[diesel(sql_type = Text)]
    data: String,
}

impl Stored {
    fn into_row(self, source: &str) -> Row {
        let event = Envelope {
            id: self.id,
            source: source.to_owned(),
            event_type: self.event_type,
            time: self.time,
            subject: self.subject,
            workspace_id: self.workspace,
            sequence: self.sequence,
            trace: TraceContext { traceparent: self.traceparent, tracestate: self.tracestate },
            // The text is sent as it is; nobody on the way reads it.
            data: Value::Null,
        };
        Row { event, body: self.data }
    }
}

/// Committed later with a lower position, a row is still found: what counts is the mark, not the position.
const UNPUBLISHED: &str = "
SELECT id, event_type, subject, sequence, workspace, time, traceparent, tracestate, data
FROM outbox WHERE published_at IS NULL ORDER BY position LIMIT $1";

/// The next rows to publish, in order.
pub(crate) async fn unpublished(
    session: &mut Session,
    source: &str,
    limit: i64,
) -> Result<Vec<Row>, PgError> {
    let query = sql(UNPUBLISHED).bind::<BigInt, _>(limit);
    let rows: Vec<Stored> = session.query(async move |conn| query.load(conn).await).await?;
    Ok(rows.into_iter().map(|row| row.into_row(source)).collect())
}

/// The bounds say which partitions to look into.
const MARK: &str = "
UPDATE outbox SET published_at = $2
WHERE id = ANY($1) AND id BETWEEN $3 AND $4 AND published_at IS NULL";

/// Marks rows that the broker has taken.
pub(crate) async fn mark(session: &mut Session, ids: Vec<EventId>, at: DateTime<Utc>) -> Result<(), PgError> {
    let ids: Vec<_> = ids.into_iter().map(|id| id.uuid()).collect();
    let (Some(first), Some(last)) = (ids.iter().min().copied(), ids.iter().max().copied()) else {
        return Ok(());
    };
    let query = sql(MARK)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Timestamptz, _>(at)
        .bind::<SqlUuid, _>(first)
        .bind::<SqlUuid, _>(last);
    session.query(async move |conn| query.execute(conn).await).await.map(drop)
}
