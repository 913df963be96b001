use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;
use witan_clock::Clock;
use witan_ids::JobId;
use witan_pg::{PgError, SystemTx, Tx};

/// Does jobs of one kind.
#[async_trait]
pub trait Worker: Send + Sync + 'static {
    /// The kind of its jobs.
    fn kind(&self) -> &'static str;

    /// How many it does at a time in one process.
    fn concurrency(&self) -> usize {
        1
    }

    /// How long a job is held after the last sign of life; another process takes it over afterwards.
    fn lease(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// Does one job. It may have been begun before, by a worker that died: what would hurt twice must be
    /// finished in one transaction with [`Job::complete`].
    async fn run(&self, job: &Job) -> Outcome;

    /// A job that was not to be run now ([`Outcome::Later`]) has been put off; from here on [`hasten`](crate::hasten) reaches it.
    fn was_put_off(&self, _job: &Job) {}
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Nothing is left to do, also when the job was finished in the worker's own transaction.
    Done,
    /// Again, if there are attempts left.
    Retry {
        /// After this long.
        after: Duration,
        /// Why, for people who look.
        reason: String,
    },
    /// Not now, which is no failure and counts for none.
    Later {
        /// After this long.
        after: Duration,
        /// Why, for people who look.
        reason: &'static str,
    },
    /// Never again.
    Dead {
        /// Why, for people who look.
        reason: String,
    },
}

/// A job that this process holds.
#[derive(Debug, Clone)]
pub struct Job {
    /// Which one.
    pub id: JobId,
    /// Which worker does it.
    pub kind: String,
    /// What it needs to know.
    pub payload: Value,
    /// Which attempt this is, from 1 on.
    pub attempt: i32,
    /// After how many it is dead.
    pub max_attempts: i32,
    pub(crate) token: Uuid,
    pub(crate) clock: Clock,
    /// Set once the worker has finished it in a transaction of its own, which may still roll back.
    pub(crate) finished: Arc<AtomicBool>,
}

/// Why a job could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Its lease expired and somebody else has it: undo everything.
    #[error("the lease of job {0} is lost")]
    Lost(JobId),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] PgError),
}

/// What is done leaves nothing behind.
const COMPLETE: &str = "
DELETE FROM jobs USING unnest($1::uuid[], $2::uuid[]) AS held (id, token)
WHERE jobs.id = held.id AND jobs.lease_token = held.token AND jobs.state = 'running'
RETURNING jobs.id";

const PUT_BACK: &str = "
UPDATE jobs SET state = 'ready', run_at = $3, set_at = $5, last_error = coalesce($4, last_error), lease_token = NULL, lease_until = NULL
WHERE id = $1 AND lease_token = $2 AND state = 'running'";

const BURY: &str = "
UPDATE jobs SET state = 'dead', finished_at = $3, last_error = $4, lease_token = NULL, lease_until = NULL
WHERE id = $1 AND lease_token = $2 AND state = 'running'";

#[derive(diesel::QueryableByName)]
struct Completed {
    #[diesel(sql_type = SqlUuid)]
    id: JobId,
}

/// As if it had not been begun.
const PUT_OFF: &str = "
UPDATE jobs SET state = 'ready', attempts = attempts - 1, run_at = held.run_at, set_at = $5, last_error = held.reason,
    lease_token = NULL, lease_until = NULL
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[]) AS held (id, token, run_at, reason)
WHERE jobs.id = held.id AND jobs.lease_token = held.token AND jobs.state = 'running'";

/// A job that is put off until a time, and why.
pub(crate) type PutOff = (Job, DateTime<Utc>, &'static str);

/// Puts jobs off; those whose lease is lost are left alone.
pub(crate) async fn put_off_many(tx: &mut SystemTx<'_>, jobs: &[PutOff]) -> Result<(), PgError> {
    let Some(now) = jobs.first().map(|(job, ..)| job.clock.now()) else { return Ok(()) };
    tx.prefer_indexes();
    let (mut ids, mut tokens, mut times, mut reasons) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (job, at, reason) in jobs {
        ids.push(job.id.uuid());
        tokens.push(job.token);
        times.push(*at);
        reasons.push(*reason);
    }
    let query = witan_pg::sql(PUT_OFF)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(tokens)
        .bind::<Array<Timestamptz>, _>(times)
        .bind::<Array<Text>, _>(reasons)
        .bind::<Timestamptz, _>(now);
    query.execute(tx.conn()).await?;
    Ok(())
}

/// Marks jobs done, in the worker's own transaction: one statement, however many there are.
///
/// # Errors
/// [`JobError::Lost`] when another worker has one of them; then the transaction must not commit.
pub async fn complete_many(tx: &mut impl Tx, jobs: &[&Job]) -> Result<(), JobError> {
    let (ids, tokens): (Vec<_>, Vec<_>) = jobs.iter().map(|job| (job.id.uuid(), job.token)).unzip();
    let query = witan_pg::sql(COMPLETE).bind::<Array<SqlUuid>, _>(ids).bind::<Array<SqlUuid>, _>(tokens);
    let completed: Vec<Completed> = query.load(tx.conn()).await.map_err(PgError::from)?;
    let completed: HashSet<JobId> = completed.into_iter().map(|row| row.id).collect();
    if let Some(lost) = jobs.iter().find(|job| !completed.contains(&job.id)) {
        return Err(JobError::Lost(lost.id));
    }
    jobs.iter().for_each(|job| job.finished.store(true, Ordering::Relaxed));
    Ok(())
}

impl Job {
    /// Marks it done, in the worker's own transaction: its row goes.
    ///
    /// # Errors
    /// [`JobError::Lost`] when another worker has it; then the transaction must not commit.
    pub async fn complete(&self, tx: &mut impl Tx) -> Result<(), JobError> {
        complete_many(tx, &[self]).await
    }

    /// Lets it run again at `at`, in the worker's own transaction.
    ///
    /// # Errors
    /// [`JobError::Lost`] when another worker has it; then the transaction must not commit.
    pub async fn retry_at(&self, tx: &mut impl Tx, at: DateTime<Utc>) -> Result<(), JobError> {
        self.put_back(tx, at, None).await?;
        self.finished.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Lets it run again, and says why.
    pub(crate) async fn put_back(
        &self,
        tx: &mut impl Tx,
        at: DateTime<Utc>,
        why: Option<&str>,
    ) -> Result<(), JobError> {
        let query = witan_pg::sql(PUT_BACK)
            .bind::<SqlUuid, _>(self.id)
            .bind::<SqlUuid, _>(self.token)
            .bind::<Timestamptz, _>(at)
            .bind::<Nullable<Text>, _>(why)
            .bind::<Timestamptz, _>(self.clock.now());
        self.ended(query.execute(tx.conn()).await)
    }

    /// Gives it up, and says why.
    pub(crate) async fn bury(&self, tx: &mut impl Tx, why: &str) -> Result<(), JobError> {
        let query = witan_pg::sql(BURY)
            .bind::<SqlUuid, _>(self.id)
            .bind::<SqlUuid, _>(self.token)
            .bind::<Timestamptz, _>(self.clock.now())
            .bind::<Text, _>(why);
        self.ended(query.execute(tx.conn()).await)
    }

    fn ended(&self, changed: QueryResult<usize>) -> Result<(), JobError> {
        match changed.map_err(PgError::from)? {
            1 => Ok(()),
            _ => Err(JobError::Lost(self.id)),
        }
    }
}
