//! Work that is done again and again, by one of all replicas: whoever leases its row.

use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use tracing::Instrument;
use uuid::Uuid;
use witan_clock::Clock;
use witan_lifecycle::CancellationToken;
use witan_pg::{Pg, PgError, Tx, sql};

use crate::store::millis;

pub(crate) type Task =
    Box<dyn Fn(Pg) -> Pin<Box<dyn Future<Output = Result<(), PgError>> + Send>> + Send + Sync>;

const LEASE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_secs(5);
/// What failed is tried again after this, if its turn does not come sooner.
const AGAIN: Duration = Duration::from_secs(60);

pub(crate) struct Periodic {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) stopping: CancellationToken,
    pub(crate) name: &'static str,
    pub(crate) every: Duration,
    pub(crate) task: Task,
}

/// Replicas' clocks differ by less. What is due later than its next turn by more was begun before the clock was set back.
const SKEW: Duration = Duration::from_secs(60);

const ENSURE: &str = "INSERT INTO periodic_jobs (name, next_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";

const CLAIM: &str = "
UPDATE periodic_jobs SET lease_token = $2, lease_until = clock_timestamp() + $3 * interval '1 millisecond'
WHERE name = $1 AND (next_at <= $4 OR next_at > $5) AND (lease_until IS NULL OR lease_until < now())";

const EXTEND: &str = "
UPDATE periodic_jobs SET lease_until = clock_timestamp() + $3 * interval '1 millisecond'
WHERE name = $1 AND lease_token = $2";

const RELEASE: &str = "
UPDATE periodic_jobs SET lease_token = NULL, lease_until = NULL WHERE name = $1 AND lease_token = $2";

const FINISH: &str = "
UPDATE periodic_jobs SET lease_token = NULL, lease_until = NULL, next_at = $3, last_error = $4
WHERE name = $1 AND lease_token = $2";

impl Periodic {
    pub(crate) async fn run(self) {
        let pause = self.every.min(POLL).max(Duration::from_millis(10));
        while !self.stopping.is_cancelled() {
            let token = self.clock.uuid_v7();
            let ended = match self.stopping.run_until_cancelled(self.turn(token)).await {
                Some(ended) => ended,
                // Another replica, or this one after its restart, need not wait for the lease to end.
                None => self.release(token).await,
            };
            if let Err(error) = ended {
                tracing::warn!(name = self.name, %error, "a periodic job failed");
            }
            let _ = self.stopping.run_until_cancelled(tokio::time::sleep(pause)).await;
        }
    }

    /// Runs the task if it is due and nobody else does.
    async fn turn(&self, token: Uuid) -> Result<(), PgError> {
        if !self.claim(token).await? {
            return Ok(());
        }
        let span =
            tracing::info_span!(parent: None, "periodic", otel.name = format!("periodic {}", self.name));
        let outcome = tokio::select! {
            outcome = (self.task)(self.pg.clone()).instrument(span) => outcome,
            () = self.lost(token) => return Ok(()),
        };
        let error = outcome.as_ref().err().map(ToString::to_string);
        let pause = if error.is_some() { self.every.min(AGAIN) } else { self.every };
        self.finish(token, self.clock.now() + pause, error).await?;
        outcome
    }

    async fn claim(&self, token: Uuid) -> Result<bool, PgError> {
        let (name, now) = (self.name, self.clock.now());
        self.pg
            .tx("periodic_claim", async |tx| {
                let ensure = sql(ENSURE).bind::<Text, _>(name).bind::<Timestamptz, _>(now);
                ensure.execute(tx.conn()).await?;
                let claim = sql(CLAIM)
                    .bind::<Text, _>(name)
                    .bind::<SqlUuid, _>(token)
                    .bind::<BigInt, _>(millis(LEASE))
                    .bind::<Timestamptz, _>(now)
                    .bind::<Timestamptz, _>(now + self.every + SKEW);
                Ok::<_, PgError>(claim.execute(tx.conn()).await? == 1)
            })
            .await
    }

    /// Returns when somebody else has it.
    async fn lost(&self, token: Uuid) {
        loop {
            tokio::time::sleep(LEASE / 3).await;
            let extended = self
                .pg
                .tx("periodic_extend", async |tx| {
                    let query = sql(EXTEND)
                        .bind::<Text, _>(self.name)
                        .bind::<SqlUuid, _>(token)
                        .bind::<BigInt, _>(millis(LEASE));
                    Ok::<_, PgError>(query.execute(tx.conn()).await? == 1)
                })
                .await;
            if let Ok(false) = extended {
                return;
            }
        }
    }

    /// Gives back what was begun and not ended.
    async fn release(&self, token: Uuid) -> Result<(), PgError> {
        self.pg
            .tx("periodic_release", async |tx| {
                let query = sql(RELEASE).bind::<Text, _>(self.name).bind::<SqlUuid, _>(token);
                query.execute(tx.conn()).await?;
                Ok::<_, PgError>(())
            })
            .await
    }

    async fn finish(&self, token: Uuid, next: DateTime<Utc>, error: Option<String>) -> Result<(), PgError> {
        self.pg
            .tx("periodic_finish", async |tx| {
                let query = sql(FINISH)
                    .bind::<Text, _>(self.name)
                    .bind::<SqlUuid, _>(token)
                    .bind::<Timestamptz, _>(next)
                    .bind::<Nullable<Text>, _>(error.as_deref());
                query.execute(tx.conn()).await?;
                Ok::<_, PgError>(())
            })
            .await
    }
}
