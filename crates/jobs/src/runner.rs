use std::sync::Arc;
use std::time::Duration;

use witan_clock::Clock;
use witan_lifecycle::Lifecycle;
use witan_pg::{Pg, PgError};

use crate::Worker;

/// Runs the jobs of one service.
#[must_use = "nothing runs before `spawn`"]
pub struct Runner {}

impl Runner {
    /// No workers yet.
    pub fn new(pg: &Pg, clock: &Clock, lifecycle: &Lifecycle) -> Self {
        let _ = (pg, clock, lifecycle);
        Self {}
    }

    /// Adds the worker of one kind.
    pub fn worker(self, worker: impl Worker) -> Self {
        let _ = Arc::new(worker);
        self
    }

    /// Adds something to be done every so often, by one of all replicas.
    pub fn periodic<F, Fut>(self, name: &'static str, every: Duration, work: F) -> Self
    where
        F: Fn(Pg) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), PgError>> + Send + 'static,
    {
        let _ = (name, every, work);
        self
    }

    /// Starts all of it.
    pub fn spawn(self) {}
}
