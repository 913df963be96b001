//! The workers of one kind in one process.
//!
//! A job is claimed with a lease (SKIP LOCKED, so that replicas do not wait for each other) and a token. While
//! it runs, the lease is extended every third of its length. Whoever dies stops extending, and after the lease
//! any replica frees the job. Whoever comes back from the dead finds its token gone: its job is dropped in the
//! middle, and what it tries to finish is refused.

use std::iter;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until, timeout};
use witan_clock::Clock;
use witan_lifecycle::{CancellationToken, Lifecycle, Together};
use witan_pg::{Pg, PgError, SystemTx};

use crate::attempt::Attempt;
use crate::due::Due;
use crate::job::{PutOff, put_off_many};
use crate::recall::Recall;
use crate::{Worker, metrics, store};

/// Jobs of one statement.
const MOST: usize = 256;
const POLL: Duration = Duration::from_secs(1);
/// For how long free places are gathered while there is more to do than there are places.
const GATHER: Duration = Duration::from_millis(5);

pub(crate) struct Crew {
    worker: Arc<dyn Worker>,
    pg: Pg,
    clock: Clock,
    lifecycle: Lifecycle,
    stopping: CancellationToken,
    wake: Arc<Notify>,
    places: Arc<Semaphore>,
    due: Arc<Due>,
    put_off: Together<(), PutOff, ()>,
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
        let writer = pg.clone();
        let put_off =
            Together::new(lifecycle, "job put off", MOST, move |(), jobs| put_off(writer.clone(), jobs));
        Self {
            worker,
            pg,
            clock,
            lifecycle: lifecycle.clone(),
            stopping,
            wake,
            places,
            due: Arc::new(Due::new()),
            put_off,
        }
    }

    pub(crate) async fn run(self) {
        let mut looked = Instant::now();
        let (mut full, mut recall) = (false, Recall::default());
        self.recall(&mut recall).await;
        while !self.stopping.is_cancelled() {
            full = match self.work(full).await {
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
                self.recall(&mut recall).await;
                looked = Instant::now();
            }
        }
    }

    /// Claims as many jobs as there are places; true when there may be more. There are, if the last claim was `full`.
    async fn work(&self, full: bool) -> Result<bool, PgError> {
        let free = self.places(if full { self.worker.concurrency() / 4 } else { 0 });
        let Some(places) = self.stopping.run_until_cancelled(free).await else { return Ok(false) };
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
                put_off: self.put_off.clone(),
            };
            self.lifecycle.spawn("job", async move {
                attempt.run().await;
                drop(place);
            });
        }
        Ok(full)
    }

    /// Those that are free, as soon as there is one. To claim some together is worth waiting for `more` of them, for a moment.
    async fn places(&self, more: usize) -> Vec<OwnedSemaphorePermit> {
        let mut places =
            vec![self.places.clone().acquire_owned().await.expect("nobody closes the semaphore")];
        if let Ok(more) = u32::try_from(more) {
            let gathered = timeout(GATHER, self.places.clone().acquire_many_owned(more)).await;
            let gathered = gathered.into_iter().flatten();
            places.extend(gathered.flat_map(|mut some| iter::from_fn(move || some.split(1))));
        }
        while let Ok(place) = self.places.clone().try_acquire_owned() {
            places.push(place);
        }
        places
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

    async fn recall(&self, recall: &mut Recall) {
        let kind = self.worker.kind();
        if let Err(error) = recall.turn(&self.pg, &self.clock, kind).await {
            tracing::debug!(kind, %error, "jobs cannot be called back after the clock was set back");
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

/// Nobody is answered when it failed, and each tries for itself.
async fn put_off(pg: Pg, jobs: Vec<PutOff>) -> Vec<()> {
    let write = async |tx: &mut SystemTx<'_>| put_off_many(tx, &jobs).await;
    let written = pg.tx("job_put_off", write).await;
    written.map(|()| vec![(); jobs.len()]).unwrap_or_default()
}
