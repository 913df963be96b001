use chrono::{DateTime, Utc};
use diesel::sql_types::{Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use witan_clock::Clock;
use witan_ids::JobId;
use witan_pg::{PgError, Tx};
use witan_telemetry::propagation;

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
}

impl NewJob {
    /// A job to be done now, ten times at most.
    pub fn new(kind: &'static str, payload: Value) -> Self {
        Self { kind, payload, run_at: None, dedupe_key: None, max_attempts: MAX_ATTEMPTS }
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

/// The update changes nothing: it makes the statement return the id of the job that is already there.
const INSERT: &str = "
WITH added AS (
    INSERT INTO jobs AS j (id, kind, payload, run_at, dedupe_key, max_attempts, traceparent, tracestate, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (kind, dedupe_key) WHERE state IN ('ready', 'running') DO UPDATE SET kind = j.kind
    RETURNING id
), told AS (SELECT pg_notify('witan_jobs_' || current_schema(), $2))
SELECT added.id FROM added, told";

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
    let now = clock.now();
    let trace = propagation::current();
    let query = witan_pg::sql(INSERT)
        .bind::<SqlUuid, _>(JobId::generate(clock))
        .bind::<Text, _>(job.kind)
        .bind::<Jsonb, _>(job.payload)
        .bind::<Timestamptz, _>(job.run_at.unwrap_or(now))
        .bind::<Nullable<Text>, _>(job.dedupe_key)
        .bind::<Integer, _>(job.max_attempts)
        .bind::<Nullable<Text>, _>(trace.traceparent)
        .bind::<Nullable<Text>, _>(trace.tracestate)
        .bind::<Timestamptz, _>(now);
    let added: Added = query.get_result(tx.conn()).await?;
    Ok(added.id)
}
