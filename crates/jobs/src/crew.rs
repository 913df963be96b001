//! The workers of one kind in one process.
//!
//! A job is claimed with a lease (SKIP LOCKED, so that replicas do not wait for each other) and a token. While
//! it runs, the lease is extended every third of its length. Whoever dies stops extending, and after the lease
//! any replica frees the job. Whoever comes back from the dead finds its token gone: its job is dropped in the
//! middle, and what it tries to finish is refused.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use witan_clock::Clock;
use witan_lifecycle::{CancellationToken, Lifecycle};
use witan_pg::{Pg, PgError};

use crate::attempt::Attempt;
use crate::due::Due;
use crate::{Worker, metrics, store};

const POLL: Duration = Duration::from_secs(1);

pub(crate) struct Crew {
    worker: Arc<dyn Worker>,
    pg: Pg,
    clock: Clock,
    lifecycle: Lifecycle,
    stopping: CancellationToken,
    wake: Arc<Notify>,
    places: Arc<Semaphore>,
    due: Arc<Due>,
}

impl Crew {
    pub(crate) fn new(
        worker: Arc<dyn Worker>,
        pg: &Pg,
        clock: &Clock,
        lifecycle: &Lifecycle,
        wake: Arc<Notify>,
    ) -> Self {
        let places = Arc::new(Semaphore::new(worker.concurrency().max(1)));
        let (pg, clock, stopping) = (pg.clone(), clock.clone(), lifecycle.stopping());
        Self {
            worker,
            pg,
            clock,
            lifecycle: lifecycle.clone(),
            stopping,
            wake,
            places,
            due: Arc::new(Due::new()),
        }
    }

    pub(crate) async fn run(self) {
        let mut looked = Instant::now();
        while !self.stopping.is_cancelled() {
            let full = match self.work().await {
                Ok(full) => full,
                Err(error) => {
                    tracing::warn!(kind = self.worker.kind(), %error, "jobs cannot be claimed");
                    false
                }
            };
            if !full {
                self.wait(looked + POLL).await;
            }
            // However much there is to do.
            if looked.elapsed() >= POLL {
                self.expire().await;
                looked = Instant::now();
            }
        }
    }

    /// Claims as many jobs as there are places; true when there may be more.
    async fn work(&self) -> Result<bool, PgError> {
        let Some(first) = self.stopping.run_until_cancelled(self.place()).await else { return Ok(false) };
        let mut places = vec![first];
        while let Ok(place) = self.places.clone().try_acquire_owned() {
            places.push(place);
        }
        let kind = self.worker.kind();
        let jobs = store::job_claim(&self.pg, &self.clock, kind, places.len(), self.worker.lease()).await?;
        let full = jobs.len() == places.len();
        for ((job, trace), place) in jobs.into_iter().zip(places) {
            let attempt = Attempt {
                worker: self.worker.clone(),
                pg: self.pg.clone(),
                stopping: self.stopping.clone(),
                job,
                trace,
                due: self.due.clone(),
            };
            self.lifecycle.spawn("job", async move {
                attempt.run().await;
                drop(place);
            });
        }
        Ok(full)
    }

    async fn place(&self) -> OwnedSemaphorePermit {
        self.places.clone().acquire_owned().await.expect("nobody closes the semaphore")
    }

    /// Until a job was added or one that was put off is due, or until then.
    async fn wait(&self, until: Instant) {
        tokio::select! {
            () = self.wake.notified() => {}
            () = self.due.reached() => {}
            () = self.stopping.cancelled() => {}
            () = sleep_until(until) => {}
        }
    }

    /// Looks for workers that died.
    async fn expire(&self) {
        let kind = self.worker.kind();
        match store::job_expire(&self.pg, &self.clock, kind).await {
            Ok(0) => {}
            Ok(jobs) => {
                tracing::warn!(kind, jobs, "workers gave no sign of life; their jobs are free again");
                metrics::expired(kind, jobs);
            }
            Err(error) => tracing::debug!(kind, %error, "leases cannot be looked through"),
        }
    }
}
