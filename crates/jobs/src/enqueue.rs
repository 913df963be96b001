use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use witan_clock::Clock;
use witan_ids::JobId;
use witan_pg::{PgError, Tx};
use witan_telemetry::{TraceContext, propagation};

const MAX_ATTEMPTS: i32 = 10;

/// Work to be done.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Which worker does it.
    pub kind: &'static str,
    /// What the worker needs to know; also whose work it is, if it is a tenant's.
    pub payload: Value,
    /// When it may begin; now if not said.
    pub run_at: Option<DateTime<Utc>>,
    /// While a job of the same kind and key is unfinished, no other is added.
    pub dedupe_key: Option<String>,
    /// After how many attempts it is dead.
    pub max_attempts: i32,
    /// Where in the trace it belongs; where it is added if not said.
    pub trace: Option<TraceContext>,
}

impl NewJob {
    /// A job to be done now, ten times at most.
    pub fn new(kind: &'static str, payload: Value) -> Self {
        Self { kind, payload, run_at: None, dedupe_key: None, max_attempts: MAX_ATTEMPTS, trace: None }
    }

    /// The same, not before `at`.
    #[must_use]
    pub fn at(mut self, at: DateTime<Utc>) -> Self {
        self.run_at = Some(at);
        self
    }

    /// The same, unless one with this key is unfinished.
    #[must_use]
    pub fn dedupe(mut self, key: impl Into<String>) -> Self {
        self.dedupe_key = Some(key.into());
        self
    }

    /// The same, tried `attempts` times at most.
    #[must_use]
    pub fn max_attempts(mut self, attempts: i32) -> Self {
        self.max_attempts = attempts;
        self
    }
}

/// One statement, however many there are. The update changes nothing: it makes the statement return the id of the job
/// that is already there.
const INSERT: &str = "
WITH added AS (
    INSERT INTO jobs AS j (id, kind, payload, run_at, dedupe_key, max_attempts, traceparent, tracestate, set_at, created_at)
    SELECT *, $9, $9
    FROM unnest($1::uuid[], $2::text[], $3::jsonb[], $4::timestamptz[], $5::text[], $6::integer[], $7::text[], $8::text[])
    ON CONFLICT (kind, dedupe_key) WHERE state IN ('ready', 'running') DO UPDATE SET kind = j.kind
    RETURNING id, kind
), told AS (SELECT pg_notify('witan_jobs_' || current_schema(), kind) FROM added GROUP BY kind)
SELECT added.id FROM added, (SELECT count(*) FROM told) AS told";

#[derive(diesel::QueryableByName)]
struct Added {
    #[diesel(sql_type = SqlUuid)]
    id: JobId,
}

/// Adds a job when the transaction commits, and only then.
///
/// Returns its id, or that of the unfinished one with the same key.
///
/// # Errors
/// When the row cannot be written.
pub async fn enqueue(tx: &mut impl Tx, clock: &Clock, job: NewJob) -> Result<JobId, PgError> {
    let added = insert(tx.conn(), clock, vec![job]).await?;
    added.into_iter().next().map(|added| added.id).ok_or(PgError::NotFound)
}

/// The same for many, in one statement on the transaction's connection, which may be on its way together with others. Of jobs with the same kind and key the first is taken.
///
/// # Errors
/// When the rows cannot be written.
pub async fn enqueue_many(
    conn: &AsyncPgConnection,
    clock: &Clock,
    mut jobs: Vec<NewJob>,
) -> Result<(), PgError> {
    let mut seen = HashSet::new();
    jobs.retain(|job| job.dedupe_key.clone().is_none_or(|key| seen.insert((job.kind, key))));
    if !jobs.is_empty() {
        insert(conn, clock, jobs).await?;
    }
    Ok(())
}

async fn insert(
    mut conn: &AsyncPgConnection,
    clock: &Clock,
    jobs: Vec<NewJob>,
) -> Result<Vec<Added>, PgError> {
    let (now, here) = (clock.now(), propagation::current());
    let mut rows = Columns::default();
    for job in jobs {
        rows.ids.push(JobId::generate(clock));
        rows.kinds.push(job.kind);
        rows.payloads.push(job.payload);
        rows.times.push(job.run_at.unwrap_or(now));
        rows.keys.push(job.dedupe_key);
        rows.attempts.push(job.max_attempts);
        let trace = job.trace.unwrap_or_else(|| here.clone());
        rows.traces.push(trace.traceparent);
        rows.states.push(trace.tracestate);
    }
    let query = witan_pg::sql(INSERT)
        .bind::<Array<SqlUuid>, _>(rows.ids)
        .bind::<Array<Text>, _>(rows.kinds)
        .bind::<Array<Jsonb>, _>(rows.payloads)
        .bind::<Array<Timestamptz>, _>(rows.times)
        .bind::<Array<Nullable<Text>>, _>(rows.keys)
        .bind::<Array<Integer>, _>(rows.attempts)
        .bind::<Array<Nullable<Text>>, _>(rows.traces)
        .bind::<Array<Nullable<Text>>, _>(rows.states)
        .bind::<Timestamptz, _>(now);
    Ok(query.get_results(&mut conn).await?)
}

/// The rows as the statement takes them.
#[derive(Default)]
struct Columns {
    ids: Vec<JobId>,
    kinds: Vec<&'static str>,
    payloads: Vec<Value>,
    times: Vec<DateTime<Utc>>,
    keys: Vec<Option<String>>,
    attempts: Vec<i32>,
    traces: Vec<Option<String>>,
    states: Vec<Option<String>>,
}
