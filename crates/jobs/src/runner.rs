use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use witan_clock::Clock;
use witan_lifecycle::Lifecycle;
use witan_pg::{Pg, PgError};

use crate::crew::Crew;
use crate::periodic::{Periodic, Task};
use crate::wake::Waker;
use crate::{Worker, store};

const PRUNE_EVERY: Duration = Duration::from_secs(3600);
/// For how long dead jobs can be looked at.
const KEPT: chrono::TimeDelta = chrono::TimeDelta::days(7);

/// Runs the jobs of one service.
#[must_use = "nothing runs before `spawn`"]
pub struct Runner {
    pg: Pg,
    clock: Clock,
    lifecycle: Lifecycle,
    workers: Vec<Arc<dyn Worker>>,
    periodic: Vec<(&'static str, Duration, Task)>,
}

impl Runner {
    /// No workers yet; dead jobs are removed after a week.
    pub fn new(pg: &Pg, clock: &Clock, lifecycle: &Lifecycle) -> Self {
        let runner = Self {
            pg: pg.clone(),
            clock: clock.clone(),
            lifecycle: lifecycle.clone(),
            workers: Vec::new(),
            periodic: Vec::new(),
        };
        let clock = clock.clone();
        runner.periodic("jobs.prune", PRUNE_EVERY, move |pg| {
            let before = clock.now() - KEPT;
            async move { store::job_prune(&pg, before).await }
        })
    }

    /// Adds the worker of one kind.
    pub fn worker(mut self, worker: impl Worker) -> Self {
        self.workers.push(Arc::new(worker));
        self
    }

    /// Adds something to be done every so often, by one of all replicas.
    ///
    /// It may be begun twice when a replica dies in the middle of it. The name is the row's key, forever.
    pub fn periodic<F, Fut>(mut self, name: &'static str, every: Duration, work: F) -> Self
    where
        F: Fn(Pg) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), PgError>> + Send + 'static,
    {
        self.periodic.push((name, every, Box::new(move |pg| Box::pin(work(pg)))));
        self
    }

    /// Starts all of it.
    pub fn spawn(self) {
        let mut kinds = HashMap::new();
        for worker in self.workers {
            let wake = Arc::new(Notify::new());
            kinds.insert(worker.kind(), wake.clone());
            let crew = Crew::new(worker, &self.pg, &self.clock, &self.lifecycle, wake);
            self.lifecycle.spawn("job crew", crew.run());
        }
        if !kinds.is_empty() {
            let waker = Waker { pg: self.pg.clone(), kinds, stopping: self.lifecycle.stopping() };
            self.lifecycle.spawn("job waker", waker.run());
        }
        for (name, every, task) in self.periodic {
            let periodic = Periodic {
                pg: self.pg.clone(),
                clock: self.clock.clone(),
                stopping: self.lifecycle.stopping(),
                name,
                every,
                task,
            };
            self.lifecycle.spawn("periodic job", periodic.run());
        }
    }
}
