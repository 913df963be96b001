use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;
use witan_clock::Clock;
use witan_ids::JobId;
use witan_pg::{PgError, Tx};

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

const FINISH: &str = "
UPDATE jobs SET state = $3, run_at = coalesce($4, run_at), last_error = coalesce($5, last_error),
    lease_token = NULL, lease_until = NULL, finished_at = CASE WHEN $3 IN ('done', 'dead') THEN $6 END
WHERE id = $1 AND lease_token = $2 AND state = 'running'";

impl Job {
    /// Marks it done, in the worker's own transaction.
    ///
    /// # Errors
    /// [`JobError::Lost`] when another worker has it; then the transaction must not commit.
    pub async fn complete(&self, tx: &mut impl Tx) -> Result<(), JobError> {
        self.finish(tx, "done", None, None).await?;
        self.finished.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Lets it run again at `at`, in the worker's own transaction.
    ///
    /// # Errors
    /// [`JobError::Lost`] when another worker has it; then the transaction must not commit.
    pub async fn retry_at(&self, tx: &mut impl Tx, at: DateTime<Utc>) -> Result<(), JobError> {
        self.finish(tx, "ready", Some(at), None).await?;
        self.finished.store(true, Ordering::Relaxed);
        Ok(())
    }

    pub(crate) async fn finish(
        &self,
        tx: &mut impl Tx,
        state: &str,
        at: Option<DateTime<Utc>>,
        error: Option<&str>,
    ) -> Result<(), JobError> {
        let query = witan_pg::sql(FINISH)
            .bind::<SqlUuid, _>(self.id)
            .bind::<SqlUuid, _>(self.token)
            .bind::<Text, _>(state)
            .bind::<Nullable<Timestamptz>, _>(at)
            .bind::<Nullable<Text>, _>(error)
            .bind::<Timestamptz, _>(self.clock.now());
        match query.execute(tx.conn()).await.map_err(PgError::from)? {
            1 => Ok(()),
            _ => Err(JobError::Lost(self.id)),
        }
    }
}
