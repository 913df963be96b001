use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tracing::Instrument;
use witan_lifecycle::CancellationToken;
use witan_pg::Pg;
use witan_telemetry::TraceContext;

use crate::due::Due;
use crate::{Job, JobError, Outcome, Worker, metrics, store};

/// How long a job may go on after the process was asked to stop.
const FINISH: Duration = Duration::from_secs(10);
/// How often writing the outcome is tried; after that the lease expires and the job runs again.
const TRIES: u32 = 3;

/// One attempt at one job.
pub(crate) struct Attempt {
    pub(crate) worker: Arc<dyn Worker>,
    pub(crate) pg: Pg,
    pub(crate) stopping: CancellationToken,
    pub(crate) job: Job,
    pub(crate) trace: TraceContext,
    pub(crate) due: Arc<Due>,
}

enum End {
    Outcome(Outcome),
    Lost,
    Stopped,
}

impl Attempt {
    pub(crate) async fn run(self) {
        let kind = self.worker.kind();
        let span = tracing::info_span!(
            parent: None,
            "job",
            otel.name = format!("job {kind}"),
            otel.kind = "consumer",
            job.id = %self.job.id,
            job.attempt = self.job.attempt,
        );
        self.trace.set_parent(&span);
        async {
            let begin = Instant::now();
            let end = tokio::select! {
                outcome = self.work() => End::Outcome(outcome),
                () = self.lost() => End::Lost,
                () = self.stopped() => End::Stopped,
            };
            let name = self.settle(end).await;
            metrics::attempted(kind, name, begin.elapsed());
        }
        .instrument(span)
        .await;
    }

    async fn work(&self) -> Outcome {
        // What the worker left half done in a transaction is rolled back when its connection is dropped.
        let run = AssertUnwindSafe(self.worker.run(&self.job)).catch_unwind().await;
        run.unwrap_or_else(|_| Outcome::Retry {
            after: pause(&self.job),
            reason: "the worker panicked".to_owned(),
        })
    }

    /// Gives signs of life; returns when the job belongs to somebody else.
    async fn lost(&self) {
        let lease = self.worker.lease();
        let mut proven = Instant::now();
        loop {
            tokio::time::sleep(lease / 3).await;
            let asked = Instant::now();
            match store::job_extend(&self.pg, &self.job, lease).await {
                Ok(true) => proven = asked,
                // Finished by the worker itself, which has something left to do.
                Ok(false) if self.job.finished.load(Ordering::Relaxed) => proven = asked,
                Ok(false) => return,
                Err(error) => tracing::debug!(job = %self.job.id, %error, "no sign of life could be given"),
            }
            if proven.elapsed() >= lease {
                return;
            }
        }
    }

    async fn stopped(&self) {
        self.stopping.cancelled().await;
        tokio::time::sleep(FINISH).await;
    }

    async fn settle(&self, end: End) -> &'static str {
        let job = &self.job;
        match end {
            End::Outcome(outcome) => self.record(outcome).await,
            End::Lost => {
                tracing::warn!(job = %job.id, "the lease is lost; the job is left to its new owner");
                "lost"
            }
            End::Stopped => {
                if let Err(error) = store::job_release(&self.pg, job).await {
                    tracing::warn!(job = %job.id, %error, "the job stays leased until its lease expires");
                }
                "released"
            }
        }
    }

    async fn record(&self, outcome: Outcome) -> &'static str {
        let job = &self.job;
        if outcome == Outcome::Done && job.finished.load(Ordering::Relaxed) {
            // The worker's own transaction said so. Had it been rolled back after all, the lease expires and the job runs again.
            return "done";
        }
        let again = match &outcome {
            Outcome::Retry { after, .. } => Some(*after),
            _ => None,
        };
        let (name, state, at, error) = match outcome {
            Outcome::Done => ("done", "done", None, None),
            Outcome::Retry { reason, .. } if job.attempt >= job.max_attempts => {
                ("dead", "dead", None, Some(reason))
            }
            Outcome::Retry { after, reason } => {
                ("retry", "ready", Some(job.clock.now() + after), Some(reason))
            }
            Outcome::Dead { reason } => ("dead", "dead", None, Some(reason)),
        };
        if let Some(reason) = &error {
            tracing::warn!(job = %job.id, kind = job.kind, attempt = job.attempt, outcome = name, reason, "a job failed");
        }
        for _ in 0..TRIES {
            let write =
                self.pg.tx("job_finish", async |tx| job.finish(tx, state, at, error.as_deref()).await);
            match write.await {
                Ok(()) => {
                    if let Some(after) = again {
                        self.due.add(after);
                    }
                    return name;
                }
                Err(JobError::Lost(_)) if job.finished.load(Ordering::Relaxed) => return name,
                Err(JobError::Lost(id)) => {
                    tracing::warn!(job = %id, "the outcome came too late: the lease is lost");
                    return "lost";
                }
                Err(JobError::Database(error)) => {
                    tracing::warn!(job = %job.id, %error, "the outcome cannot be written yet");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
        "lost"
    }
}

/// 2 s, 4 s, 8 s and so on, up to an hour.
fn pause(job: &Job) -> Duration {
    let exponent = job.attempt.clamp(1, 11).unsigned_abs();
    Duration::from_secs(1 << exponent)
}
