#![doc = include_str!("../README.md")]

mod signal;
mod task;
mod together;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
pub use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use crate::together::Together;

/// The state of one process, or of one service where several share a process; clones share it.
#[derive(Clone)]
pub struct Lifecycle(Arc<Shared>);

struct Shared {
    runtime: Handle,
    tasks: TaskTracker,
    draining: CancellationToken,
    stopping: CancellationToken,
    ready: AtomicBool,
    live: AtomicBool,
}

impl Lifecycle {
    /// A process that is live and not ready yet.
    ///
    /// # Panics
    /// Outside a Tokio runtime: the one it is called on is where tasks will run.
    #[expect(clippy::new_without_default, reason = "it needs a runtime, which a default should not")]
    pub fn new() -> Self {
        Self(Arc::new(Shared {
            runtime: Handle::current(),
            tasks: TaskTracker::new(),
            draining: CancellationToken::new(),
            stopping: CancellationToken::new(),
            ready: AtomicBool::new(false),
            live: AtomicBool::new(true),
        }))
    }

    /// Starts a task on the main runtime that shutdown will wait for.
    ///
    /// Its future should return soon after [`stopping`](Self::stopping) fires.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let guarded = task::guarded(name, task, self.clone());
        self.0.tasks.spawn_on(guarded, &self.0.runtime);
    }

    /// The runtime that tasks run on.
    pub fn runtime(&self) -> &Handle {
        &self.0.runtime
    }

    /// How many tasks have not returned yet.
    pub fn tasks(&self) -> usize {
        self.0.tasks.len()
    }

    /// Fires when the process was asked to end and takes no new work from outside.
    pub fn draining(&self) -> CancellationToken {
        self.0.draining.clone()
    }

    /// Fires when work in the background must stop.
    pub fn stopping(&self) -> CancellationToken {
        self.0.stopping.clone()
    }

    /// Says whether start-up is complete.
    pub fn set_ready(&self, ready: bool) {
        self.0.ready.store(ready, Ordering::Release);
    }

    /// Whether start-up is complete and nobody asked the process to end.
    pub fn is_ready(&self) -> bool {
        self.0.ready.load(Ordering::Acquire) && !self.0.draining.is_cancelled()
    }

    /// Whether every task that was started is still sound.
    pub fn is_live(&self) -> bool {
        self.0.live.load(Ordering::Acquire)
    }

    fn set_not_live(&self) {
        self.0.live.store(false, Ordering::Release);
    }

    /// Begins the end: not ready from here on, and [`draining`](Self::draining) fires.
    pub fn begin_drain(&self) {
        self.0.draining.cancel();
    }

    /// Asks work in the background to stop; implies [`begin_drain`](Self::begin_drain).
    pub fn stop(&self) {
        self.begin_drain();
        self.0.stopping.cancel();
    }

    /// Waits until every task has returned, and says whether that happened in time.
    pub async fn wait_idle(&self, deadline: Duration) -> bool {
        self.0.tasks.close();
        tokio::time::timeout(deadline, self.0.tasks.wait()).await.is_ok()
    }

    /// Returns at SIGTERM, at SIGINT, or once [`begin_drain`](Self::begin_drain) was called.
    pub async fn shutdown_signal(&self) {
        tokio::select! {
            name = signal::received() => tracing::info!(signal = name, "asked to stop"),
            () = self.0.draining.cancelled() => {}
        }
    }
}

impl fmt::Debug for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lifecycle")
            .field("live", &self.is_live())
            .field("ready", &self.is_ready())
            .field("draining", &self.0.draining.is_cancelled())
            .field("stopping", &self.0.stopping.is_cancelled())
            .field("tasks", &self.tasks())
            .finish()
    }
}

#[cfg(test)]
mod tests;
