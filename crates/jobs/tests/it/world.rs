//! A service with jobs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::sql_types::{Integer, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use serde_json::json;
use witan_clock::Clock;
use witan_ids::JobId;
use witan_jobs::{Job, NewJob, Outcome, Runner, Worker, enqueue};
use witan_lifecycle::Lifecycle;
use witan_pg::{MigrationSet, Pg, PgError, sql};

use crate::support::Database;

pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) processes: Vec<Lifecycle>,
}

#[derive(Debug, diesel::QueryableByName)]
pub(crate) struct State {
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
    #[diesel(sql_type = Integer)]
    pub(crate) attempts: i32,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) last_error: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) run_at: DateTime<Utc>,
}

#[derive(Debug, diesel::QueryableByName)]
pub(crate) struct PeriodicState {
    #[diesel(sql_type = Timestamptz)]
    pub(crate) next_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) last_error: Option<String>,
}

impl World {
    pub(crate) async fn create() -> Self {
        let database = Database::create("probe").await;
        database.migrate(vec![MigrationSet { name: "jobs", migrations: witan_jobs::MIGRATIONS }]).await;
        let pg = database.pg(10).await;
        Self { database, pg, clock: Clock::system(), processes: Vec::new() }
    }

    pub(crate) async fn enqueue(&self, job: NewJob) -> JobId {
        self.pg.tx("enqueue", async |tx| enqueue(tx, &self.clock, job.clone()).await).await.unwrap()
    }

    /// A process with one worker.
    pub(crate) fn run(&mut self, worker: impl Worker) -> Lifecycle {
        let lifecycle = Lifecycle::new();
        Runner::new(&self.pg, &self.clock, &lifecycle).worker(worker).spawn();
        self.processes.push(lifecycle.clone());
        lifecycle
    }

    pub(crate) async fn state(&self, id: JobId) -> State {
        self.find(id).await.unwrap()
    }

    /// Of a job that is done nothing is left.
    pub(crate) async fn is_done(&self, id: JobId) -> bool {
        self.find(id).await.is_none()
    }

    async fn find(&self, id: JobId) -> Option<State> {
        let found: Result<Vec<State>, PgError> = self
            .pg
            .read("state", async |conn| {
                let query = sql("SELECT state, attempts, last_error, run_at FROM jobs WHERE id = $1");
                Ok(query.bind::<diesel::sql_types::Uuid, _>(id).load(conn).await?)
            })
            .await;
        found.unwrap().pop()
    }

    /// None before it was begun.
    pub(crate) async fn periodic(&self, name: &str) -> Option<PeriodicState> {
        let state: Result<Vec<PeriodicState>, PgError> = self
            .pg
            .read("periodic", async |conn| {
                let query = sql("SELECT next_at, last_error FROM periodic_jobs WHERE name = $1");
                Ok(query.bind::<Text, _>(name).load(conn).await?)
            })
            .await;
        state.unwrap().pop()
    }

    pub(crate) async fn stop(self) {
        for process in &self.processes {
            process.stop();
            assert!(process.wait_idle(Duration::from_secs(25)).await, "{process:?}");
        }
    }
}

pub(crate) fn job() -> NewJob {
    NewJob::new("probe", json!({}))
}

/// Counts the jobs that it runs, and ends each as it is told.
#[derive(Clone)]
pub(crate) struct Probe {
    pub(crate) outcome: Outcome,
    pub(crate) runs: Arc<AtomicUsize>,
    pub(crate) takes: Duration,
    pub(crate) lease: Duration,
}

impl Probe {
    pub(crate) fn new(outcome: Outcome) -> Self {
        Self { outcome, runs: Arc::default(), takes: Duration::ZERO, lease: Duration::from_secs(30) }
    }

    pub(crate) fn runs(&self) -> usize {
        AtomicUsize::load(&self.runs, Ordering::SeqCst)
    }
}

#[async_trait]
impl Worker for Probe {
    fn kind(&self) -> &'static str {
        "probe"
    }

    fn concurrency(&self) -> usize {
        4
    }

    fn lease(&self) -> Duration {
        self.lease
    }

    async fn run(&self, _: &Job) -> Outcome {
        self.runs.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(self.takes).await;
        self.outcome.clone()
    }
}
