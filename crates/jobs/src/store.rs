//! The table of jobs. When a job is due is a matter of the service's clock; leases go by the database's, which
//! all replicas share.

use std::sync::Arc;
use std::time::Duration;

use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;
use witan_clock::Clock;
use witan_ids::JobId;
use witan_pg::{Pg, PgError, SystemTx, Tx, sql};
use witan_telemetry::TraceContext;

use crate::Job;

/// The job and the place in the trace that it was added from.
pub(crate) type Claimed = (Job, TraceContext);

#[derive(diesel::QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: JobId,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Jsonb)]
    payload: Value,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Integer)]
    max_attempts: i32,
    #[diesel(sql_type = SqlUuid)]
    lease_token: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    traceparent: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    tracestate: Option<String>,
}

const CLAIM: &str = "
WITH due AS MATERIALIZED (
    SELECT id FROM jobs WHERE kind = $1 AND state = 'ready' AND run_at <= $2
    ORDER BY run_at LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_token = gen_random_uuid(),
    lease_until = clock_timestamp() + $4 * interval '1 millisecond'
FROM due WHERE jobs.id = due.id
RETURNING jobs.id, kind, payload, attempts, max_attempts, lease_token, traceparent, tracestate";

/// Takes up to `most` jobs that are due.
pub(crate) async fn job_claim(
    pg: &Pg,
    clock: &Clock,
    kind: &'static str,
    most: usize,
    lease: Duration,
) -> Result<Vec<Claimed>, PgError> {
    let rows: Vec<Row> = pg
        .tx("job_claim", async |tx| {
            tx.prefer_indexes();
            let query = sql(CLAIM)
                .bind::<Text, _>(kind)
                .bind::<Timestamptz, _>(clock.now())
                .bind::<BigInt, _>(i64::try_from(most).unwrap_or(i64::MAX))
                .bind::<BigInt, _>(millis(lease));
            Ok::<_, PgError>(query.load(tx.conn()).await?)
        })
        .await?;
    Ok(rows.into_iter().map(|row| row.into_job(clock)).collect())
}

impl Row {
    fn into_job(self, clock: &Clock) -> Claimed {
        let job = Job {
            id: self.id,
            kind: self.kind,
            payload: self.payload,
            attempt: self.attempts,
            max_attempts: self.max_attempts,
            token: self.lease_token,
            clock: clock.clone(),
            finished: Arc::default(),
        };
        (job, TraceContext { traceparent: self.traceparent, tracestate: self.tracestate })
    }
}

const HASTEN: &str = "
WITH hastened AS (
    UPDATE jobs SET run_at = $3, set_at = $3 WHERE id = ANY($2) AND kind = $1 AND state = 'ready' AND run_at > $3 RETURNING id
)
SELECT pg_notify('witan_jobs_' || current_schema(), $1) FROM hastened LIMIT 1";

/// Lets jobs of a kind that were put off run now; those that are under way, or done, are left alone.
///
/// # Errors
/// When nothing can be written.
pub async fn hasten(
    tx: &mut SystemTx<'_>,
    clock: &Clock,
    kind: &'static str,
    jobs: &[JobId],
) -> Result<(), PgError> {
    tx.prefer_indexes();
    let ids: Vec<Uuid> = jobs.iter().map(|job| job.uuid()).collect();
    let query = sql(HASTEN).bind::<Text, _>(kind).bind::<Array<SqlUuid>, _>(ids);
    query.bind::<Timestamptz, _>(clock.now()).execute(tx.conn()).await?;
    Ok(())
}

/// A second is for clocks that differ.
const RECALL: &str = "
UPDATE jobs SET run_at = run_at - (set_at - $2), set_at = $2
WHERE kind = $1 AND state = 'ready' AND run_at > $2 AND set_at > $2 + interval '1 second'";

/// Lets jobs whose times were set by a clock that was ahead of this one come as much earlier, and returns how many they were.
pub(crate) async fn job_recall(pg: &Pg, clock: &Clock, kind: &'static str) -> Result<usize, PgError> {
    pg.tx("job_recall", async |tx| {
        let query = sql(RECALL).bind::<Text, _>(kind).bind::<Timestamptz, _>(clock.now());
        Ok::<_, PgError>(query.execute(tx.conn()).await?)
    })
    .await
}

const EXPIRE: &str = "
UPDATE jobs SET state = CASE WHEN attempts < max_attempts THEN 'ready' ELSE 'dead' END,
    finished_at = CASE WHEN attempts < max_attempts THEN NULL ELSE $2 END,
    lease_token = NULL, lease_until = NULL, last_error = 'the worker gave no sign of life'
WHERE id IN (SELECT id FROM jobs WHERE kind = $1 AND state = 'running' AND lease_until < now()
             FOR UPDATE SKIP LOCKED)";

/// Frees the jobs whose workers died, and returns how many they were.
pub(crate) async fn job_expire(pg: &Pg, clock: &Clock, kind: &'static str) -> Result<usize, PgError> {
    pg.tx("job_expire", async |tx| {
        let query = sql(EXPIRE).bind::<Text, _>(kind).bind::<Timestamptz, _>(clock.now());
        Ok::<_, PgError>(query.execute(tx.conn()).await?)
    })
    .await
}

const EXTEND: &str = "
UPDATE jobs SET lease_until = clock_timestamp() + $3 * interval '1 millisecond'
WHERE id = $1 AND lease_token = $2 AND state = 'running'";

/// A sign of life; false when the lease is lost, or the job finished.
pub(crate) async fn job_extend(pg: &Pg, job: &Job, lease: Duration) -> Result<bool, PgError> {
    pg.tx("job_extend", async |tx| {
        let query = sql(EXTEND)
            .bind::<SqlUuid, _>(job.id)
            .bind::<SqlUuid, _>(job.token)
            .bind::<BigInt, _>(millis(lease));
        Ok::<_, PgError>(query.execute(tx.conn()).await? == 1)
    })
    .await
}

const RELEASE: &str = "
UPDATE jobs SET state = 'ready', attempts = attempts - 1, lease_token = NULL, lease_until = NULL
WHERE id = $1 AND lease_token = $2 AND state = 'running'";

/// Puts a job back as if it had never been begun: the process stops.
pub(crate) async fn job_release(pg: &Pg, job: &Job) -> Result<(), PgError> {
    pg.tx("job_release", async |tx| {
        let query = sql(RELEASE).bind::<SqlUuid, _>(job.id).bind::<SqlUuid, _>(job.token);
        query.execute(tx.conn()).await?;
        Ok::<_, PgError>(())
    })
    .await
}

const PRUNE: &str = "
DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE finished_at < $1 LIMIT 1000)";

/// Removes jobs that died before `before`, a batch at a time.
pub(crate) async fn job_prune(pg: &Pg, before: chrono::DateTime<chrono::Utc>) -> Result<(), PgError> {
    loop {
        let removed = pg
            .tx("job_prune", async |tx| {
                Ok::<_, PgError>(sql(PRUNE).bind::<Timestamptz, _>(before).execute(tx.conn()).await?)
            })
            .await?;
        if removed < 1000 {
            return Ok(());
        }
    }
}

pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
