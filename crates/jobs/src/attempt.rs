use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tracing::Instrument;
use witan_lifecycle::{CancellationToken, Together};
use witan_pg::{Pg, SystemTx};
use witan_telemetry::TraceContext;

use crate::due::Due;
use crate::job::{PutOff, put_off_many};
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
    pub(crate) put_off: Together<(), PutOff, ()>,
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
        let end = Ending::of(outcome, job);
        let name = end.name();
        if let Some(reason) = end.reason() {
            tracing::warn!(job = %job.id, kind = job.kind, attempt = job.attempt, outcome = name, reason, "a job failed");
        }
        if let Ending::Later { after, reason } = end {
            let put_off = (job.clone(), job.clock.now() + after, reason);
            if self.put_off.ask((), put_off).await.is_some() {
                self.due.add(after);
                self.worker.was_put_off(job);
                return name;
            }
        }
        for _ in 0..TRIES {
            match self.pg.tx("job_finish", async |tx| end.write(tx, job).await).await {
                Ok(()) => {
                    if let Ending::Again { after, .. } | Ending::Later { after, .. } = end {
                        self.due.add(after);
                    }
                    if let Ending::Later { .. } = end {
                        self.worker.was_put_off(job);
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

/// What is written of a job that was attempted.
enum Ending {
    Done,
    Again { after: Duration, reason: String },
    Later { after: Duration, reason: &'static str },
    Dead { reason: String },
}

impl Ending {
    fn of(outcome: Outcome, job: &Job) -> Self {
        match outcome {
            Outcome::Done => Self::Done,
            Outcome::Retry { reason, .. } if job.attempt >= job.max_attempts => Self::Dead { reason },
            Outcome::Retry { after, reason } => Self::Again { after, reason },
            Outcome::Later { after, reason } => Self::Later { after, reason },
            Outcome::Dead { reason } => Self::Dead { reason },
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Again { .. } => "retry",
            Self::Later { .. } => "later",
            Self::Dead { .. } => "dead",
        }
    }

    /// Of a failure.
    fn reason(&self) -> Option<&str> {
        match self {
            Self::Done | Self::Later { .. } => None,
            Self::Again { reason, .. } | Self::Dead { reason } => Some(reason),
        }
    }

    async fn write(&self, tx: &mut SystemTx<'_>, job: &Job) -> Result<(), JobError> {
        match self {
            Self::Done => job.complete(tx).await,
            Self::Again { after, reason } => job.put_back(tx, job.clock.now() + *after, Some(reason)).await,
            Self::Later { after, reason } => {
                Ok(put_off_many(tx, &[(job.clone(), job.clock.now() + *after, *reason)]).await?)
            }
            Self::Dead { reason } => job.bury(tx, reason).await,
        }
    }
}

/// 2 s, 4 s, 8 s and so on, up to an hour.
fn pause(job: &Job) -> Duration {
    let exponent = job.attempt.clamp(1, 11).unsigned_abs();
    Duration::from_secs(1 << exponent)
}
