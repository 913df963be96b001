//! A service with an outbox, and a consumer that writes down what it sees.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Double, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;
use witan_clock::Clock;
use witan_events::contracts::auth::v1::UserRegistered;
use witan_events::{Amqp, Consumers, Envelope, HandleError, Relay, SystemHandler, publish};
use witan_lifecycle::Lifecycle;
use witan_pg::{EmbeddedMigrations, MigrationSet, Pg, PgError, SystemTx, Tx, diesel_migrations, sql};

use crate::broker::Broker;
use crate::support::{Database, eventually};

const LEDGER: EmbeddedMigrations = diesel_migrations::embed_migrations!("tests/it/migrations");

/// One service's database and broker.
pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) broker: Broker,
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
    pub(crate) processes: Vec<Lifecycle>,
}

#[derive(Debug, diesel::QueryableByName)]
pub(crate) struct Entry {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) event: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) subject: String,
    #[diesel(sql_type = BigInt)]
    pub(crate) sequence: i64,
    #[diesel(sql_type = Double)]
    pub(crate) waited: f64,
}

impl World {
    pub(crate) async fn create() -> Self {
        let (database, broker) = (Database::create("probe").await, Broker::create().await);
        let set = |name, migrations| MigrationSet { name, migrations };
        let events = [set("pg", witan_pg::MIGRATIONS), set("events", witan_events::MIGRATIONS)];
        database.migrate(events.into_iter().chain([set("ledger", LEDGER)]).collect()).await;
        let pg = database.pg(10).await;
        Self { database, broker, pg, clock: Clock::system(), processes: Vec::new() }
    }

    /// What a process would have of its own.
    pub(crate) fn process(&mut self) -> (Lifecycle, Amqp) {
        let lifecycle = Lifecycle::new();
        let amqp = Amqp::connect(&self.broker.config(), &lifecycle);
        self.processes.push(lifecycle.clone());
        (lifecycle, amqp)
    }

    /// A process that relays.
    pub(crate) fn relay(&mut self) -> Lifecycle {
        let (lifecycle, amqp) = self.process();
        Relay::spawn(&self.pg, &amqp, &self.clock, &lifecycle, "probe");
        lifecycle
    }

    /// A process that consumes, once its queue is there.
    pub(crate) async fn consume(&mut self, handler: impl SystemHandler) -> Lifecycle {
        let (lifecycle, amqp) = self.process();
        Consumers::new(&self.pg, &amqp, &self.clock, &lifecycle, "probe").system(handler).spawn();
        assert!(amqp.wait_ready(Duration::from_secs(20)).await);
        lifecycle
    }

    pub(crate) async fn publish(&self, subject: &str) -> Uuid {
        let event = UserRegistered { user_id: subject.to_owned(), email: "a@example.com".to_owned() };
        let id =
            self.pg.tx("publish", async |tx| publish(tx, &self.clock, subject, &event).await).await.unwrap();
        id.uuid()
    }

    pub(crate) async fn entries(&self) -> Vec<Entry> {
        let entries: Result<Vec<Entry>, PgError> = self
            .pg
            .read("entries", async |conn| {
                Ok(sql("SELECT event, subject, sequence, waited FROM ledger ORDER BY position")
                    .load(conn)
                    .await?)
            })
            .await;
        entries.unwrap()
    }

    pub(crate) async fn count(&self, query: &'static str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            count: i64,
        }
        let count: Result<Count, PgError> =
            self.pg.tx("count", async |tx| Ok(sql(query).get_result(tx.conn()).await?)).await;
        count.unwrap().count
    }

    /// Waits until as many events had their effect, and then checks: each once, and those of a subject in order.
    pub(crate) async fn settle(&self, events: usize) {
        eventually("every event has its effect", async || self.entries().await.len() >= events).await;
        let entries = self.entries().await;
        let mut ids: Vec<Uuid> = entries.iter().map(|entry| entry.event).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((entries.len(), ids.len()), (events, events), "an event had its effect twice");
        let mut last = std::collections::HashMap::new();
        for entry in &entries {
            let before = last.insert(entry.subject.clone(), entry.sequence).unwrap_or(0);
            assert_eq!(entry.sequence, before + 1, "out of order: {}", entry.subject);
        }
    }

    pub(crate) async fn stop(self) {
        for process in &self.processes {
            process.stop();
            assert!(process.wait_idle(Duration::from_secs(25)).await, "{process:?}");
        }
    }
}

/// Writes each event into the ledger, unless told to fail.
#[derive(Clone, Default)]
pub(crate) struct Ledger {
    /// Events about these subjects cannot be processed.
    pub(crate) poison: &'static str,
    /// The handler panics on events about these subjects.
    pub(crate) panic: &'static str,
    /// The first tries for each event about these subjects fail.
    pub(crate) flaky: &'static str,
    pub(crate) tries: Arc<AtomicUsize>,
}

#[async_trait]
impl SystemHandler for Ledger {
    fn name(&self) -> &'static str {
        "ledger"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &["user.*"]
    }

    async fn handle(&self, tx: &mut SystemTx<'_>, event: &Envelope) -> Result<(), HandleError> {
        let _: UserRegistered = event.decode()?;
        let is = |kind: &str| !kind.is_empty() && event.subject.starts_with(kind);
        if is(self.poison) {
            return Err(HandleError::poison("it is poison"));
        }
        assert!(!is(self.panic), "the handler was told to panic");
        let insert = sql(
            "INSERT INTO ledger (event, subject, sequence, waited)
             SELECT $1, $2, $3, extract(epoch FROM clock_timestamp() - time)::float8 FROM outbox WHERE id = $1",
        )
        .bind::<SqlUuid, _>(event.id)
        .bind::<Text, _>(&event.subject)
        .bind::<BigInt, _>(event.sequence);
        insert.execute(tx.conn()).await.map_err(PgError::from)?;
        if is(self.flaky) && self.tries.fetch_add(1, Ordering::SeqCst) < 3 {
            return Err(HandleError::retry("not yet"));
        }
        Ok(())
    }
}
