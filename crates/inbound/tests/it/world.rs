//! A service that receives and writes down what it processed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use witan_clock::{Clock, ManualClock};
use witan_ids::WorkspaceId;
use witan_inbound::{Arrival, HandleError, Handler, Health, Receipt, Receipts, Received, health, receive};
use witan_jobs::Runner;
use witan_lifecycle::Lifecycle;
use witan_pg::{MigrationSet, Pg, PgError, SystemTx, TenantTx, Tx as _, sql};
use witan_web::Problem;

use crate::support::Database;

pub(crate) const SOURCE: &str = "probe.inbound.test";

pub(crate) struct World {
    database: Database,
    pub(crate) pg: Pg,
    pub(crate) time: ManualClock,
    pub(crate) clock: Clock,
    pub(crate) workspace: WorkspaceId,
    processes: Vec<Lifecycle>,
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl World {
    pub(crate) async fn create() -> Self {
        let database = Database::create("probe").await;
        let sets = vec![
            MigrationSet { name: "jobs", migrations: witan_jobs::MIGRATIONS },
            MigrationSet { name: "inbound", migrations: witan_inbound::MIGRATIONS },
        ];
        database.migrate(sets).await;
        let effects = "CREATE TABLE probe.effects (event_id text NOT NULL, body text NOT NULL);
                       GRANT ALL ON probe.effects TO witan_probe";
        database.admin().await.batch_execute(effects).await.unwrap();
        let pg = database.pg(20).await;
        let time = ManualClock::at("2026-11-21T12:00:00Z".parse().unwrap());
        let clock = time.clock();
        let workspace = WorkspaceId::generate(&clock);
        Self { database, pg, time, clock, workspace, processes: Vec::new() }
    }

    /// Begins to process.
    pub(crate) fn run(&mut self, handler: Probe) -> Lifecycle {
        let lifecycle = Lifecycle::new();
        let receipts = Receipts { pg: self.pg.clone(), clock: self.clock.clone(), handler };
        Runner::new(&self.pg, &self.clock, &lifecycle).worker(receipts).spawn();
        self.processes.push(lifecycle.clone());
        lifecycle
    }

    pub(crate) async fn send(&self, event_id: &str, body: &str) -> Result<Received, Problem> {
        self.send_to(self.workspace, event_id, body).await
    }

    pub(crate) async fn send_to(
        &self,
        workspace: WorkspaceId,
        event_id: &str,
        body: &str,
    ) -> Result<Received, Problem> {
        let arrival = Arrival { event_id, body: body.as_bytes(), signed_at: None };
        let keep = async |tx: &mut TenantTx<'_>| receive(tx, &self.clock, SOURCE, arrival).await;
        self.pg.tenant("receive", workspace, keep).await
    }

    pub(crate) async fn health(&self) -> Health {
        let ask = async |tx: &mut TenantTx<'_>| health(tx, SOURCE).await;
        let found: Result<Health, PgError> = self.pg.tenant("health", self.workspace, ask).await;
        found.unwrap()
    }

    pub(crate) async fn effects(&self, event_id: &str) -> i64 {
        let count = async |conn: &mut diesel_async::AsyncPgConnection| {
            let query = sql("SELECT count(*) AS count FROM effects WHERE event_id = $1");
            let found: Count = query.bind::<Text, _>(event_id).get_result(conn).await?;
            Ok::<_, PgError>(found.count)
        };
        self.pg.read("effects", count).await.unwrap()
    }

    pub(crate) async fn receipts(&self) -> i64 {
        let query = "SELECT count(*) FROM probe.inbound_receipts";
        self.database.admin().await.query_one(query, &[]).await.unwrap().get(0)
    }

    /// Changes the jobs as time or other processes would.
    pub(crate) async fn change_jobs(&self, set: &str) {
        let update = format!("UPDATE probe.jobs SET {set}");
        self.database.admin().await.batch_execute(&update).await.unwrap();
    }

    /// Whether the job waits for its next attempt.
    pub(crate) async fn waiting(&self) -> bool {
        let query = "SELECT count(*) FROM probe.jobs WHERE state = 'ready' AND last_error = 'not now'";
        let found: i64 = self.database.admin().await.query_one(query, &[]).await.unwrap().get(0);
        found == 1
    }

    pub(crate) async fn stop(self) {
        for process in &self.processes {
            process.stop();
            assert!(process.wait_idle(Duration::from_secs(25)).await, "{process:?}");
        }
    }
}

/// Writes down what it gets, and then does what it is told to.
#[derive(Clone, Default)]
pub(crate) struct Probe {
    pub(crate) calls: Arc<AtomicUsize>,
    /// How many calls never end.
    pub(crate) hang: usize,
    /// How many calls after those fail.
    pub(crate) fail: usize,
    /// Whether those panic instead.
    pub(crate) panic: bool,
    /// Whether the others are refused.
    pub(crate) refuse: bool,
}

#[async_trait]
impl Handler for Probe {
    fn source(&self) -> &'static str {
        SOURCE
    }

    async fn handle(&self, tx: &mut SystemTx<'_>, receipt: &Receipt) -> Result<(), HandleError> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let body = String::from_utf8_lossy(&receipt.body);
        let query = sql("INSERT INTO effects (event_id, body) VALUES ($1, $2)");
        let query = query.bind::<Text, _>(&receipt.event_id).bind::<Text, _>(body);
        query.execute(tx.conn()).await.map_err(PgError::from)?;
        if call < self.hang {
            std::future::pending::<()>().await;
        }
        if call < self.hang + self.fail {
            assert!(!self.panic, "the handler was told to panic");
            return Err(HandleError::Retry("not now".into()));
        }
        if self.refuse {
            return Err(HandleError::Refused("no use".to_owned()));
        }
        Ok(())
    }
}
