//! A handler that takes many events in one transaction.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use tracing::Instrument;
use witan_events::contracts::tenancy::v1::StartupCreated;
use witan_events::dead_letters::{DeadLetters, Which};
use witan_events::{Consumers, Envelope, HandleError, TenantHandler, publish};
use witan_ids::{EventId, StartupId, WorkspaceId};
use witan_lifecycle::Lifecycle;
use witan_pg::{PgError, TenantTx, Tx, sql};

use crate::ledger::World;
use crate::support::eventually;
use crate::traces::{ended, watch};

/// What was handled together, in that order: each event with the trace that it belongs to.
type Turns = Arc<Mutex<Vec<Vec<(EventId, Option<String>)>>>>;

/// Writes events into the ledger, with a note of their workspace for each.
#[derive(Clone, Default)]
struct Many(Turns);

#[async_trait]
impl TenantHandler for Many {
    fn name(&self) -> &'static str {
        "many"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &["startup.created"]
    }

    fn most(&self) -> usize {
        16
    }

    async fn handle(&self, tx: &mut TenantTx<'_>, event: &Envelope) -> Result<(), HandleError> {
        self.handle_many(tx, &[event]).await
    }

    async fn handle_many(&self, tx: &mut TenantTx<'_>, events: &[&Envelope]) -> Result<(), HandleError> {
        for event in events {
            assert_eq!(event.workspace_id, Some(tx.workspace_id()));
            if event.subject.starts_with("bad") {
                return Err(HandleError::poison("it is poison"));
            }
            assert!(!event.subject.starts_with("mad"), "the handler was told to panic");
            write(tx, event).await?;
        }
        let turn = events.iter().map(|event| (event.id, event.trace.trace_id())).collect();
        self.0.lock().unwrap().push(turn);
        Ok(())
    }
}

async fn write(tx: &mut TenantTx<'_>, event: &Envelope) -> Result<(), HandleError> {
    let created: StartupCreated = event.decode()?;
    let (startup, workspace): (StartupId, WorkspaceId) = (created.startup_id.parse()?, tx.workspace_id());
    let note = sql("INSERT INTO notes (workspace_id, id) VALUES ($1, $2)").bind::<SqlUuid, _>(workspace);
    note.bind::<SqlUuid, _>(startup).execute(tx.conn()).await.map_err(PgError::from)?;
    let entry = sql("INSERT INTO ledger (event, subject, sequence, waited) VALUES ($1, $2, $3, 0)")
        .bind::<SqlUuid, _>(event.id)
        .bind::<Text, _>(&event.subject)
        .bind::<BigInt, _>(event.sequence);
    entry.execute(tx.conn()).await.map_err(PgError::from)?;
    Ok(())
}

async fn consume(world: &mut World, handler: Many) -> Lifecycle {
    let (lifecycle, amqp) = world.process();
    Consumers::new(&world.pg, &amqp, &world.clock, &lifecycle, "probe").tenant(handler).spawn();
    assert!(amqp.wait_ready(Duration::from_secs(20)).await);
    lifecycle
}

/// A world whose queue is there, and nobody who takes anything out of it.
async fn before() -> World {
    let mut world = World::create().await;
    consume(&mut world, Many::default()).await;
    let first = world.processes.remove(0);
    first.stop();
    assert!(first.wait_idle(Duration::from_secs(25)).await);
    world.relay();
    world
}

async fn tell(world: &World, workspace: WorkspaceId, subject: &str) -> EventId {
    let event = StartupCreated {
        workspace_id: workspace.to_string(),
        startup_id: StartupId::generate(&world.clock).to_string(),
        name: subject.to_owned(),
    };
    let write = async |tx: &mut TenantTx<'_>| publish(tx, &world.clock, subject, &event).await;
    world.pg.tenant("create", workspace, write).await.unwrap()
}

async fn published(world: &World) {
    eventually("everything is published", async || {
        world.count("SELECT count(*) AS count FROM outbox WHERE published_at IS NULL").await == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_meanwhile_shares_a_transaction_and_a_repetition_has_no_effect() {
    let mut world = before().await;
    let workspaces: Vec<WorkspaceId> = (0..3).map(|_| WorkspaceId::generate(&world.clock)).collect();
    for number in 0..60 {
        tell(&world, workspaces[number % 3], &format!("{}-{}", number % 3, number % 2)).await;
    }
    published(&world).await;
    let handler = Many::default();
    consume(&mut world, handler.clone()).await;
    world.settle(60).await;
    let turns = handler.0.lock().unwrap().len();
    assert!(turns < 60, "{turns} turns: none was shared");
    let notes = world.database.admin().await;
    let notes = notes.query_one("SELECT count(*) FROM probe.notes", &[]).await.unwrap();
    assert_eq!(notes.get::<_, i64>(0), 60);

    let again = "WITH again AS (UPDATE outbox SET published_at = NULL RETURNING 1) SELECT count(*) AS count FROM again";
    assert_eq!(world.count(again).await, 60);
    published(&world).await;
    tell(&world, workspaces[0], "0-0").await;
    world.settle(61).await;
    let letters = DeadLetters::connect(&world.broker.config()).await.unwrap();
    assert!(letters.list("probe.many", Which::All, 10).await.unwrap().is_empty());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_to_blame_fails_alone() {
    let mut world = before().await;
    let workspace = WorkspaceId::generate(&world.clock);
    for number in 0..20 {
        match number {
            5 => drop(tell(&world, workspace, "bad").await),
            12 => drop(tell(&world, workspace, "mad").await),
            _ => drop(tell(&world, workspace, &format!("good-{}", number % 3)).await),
        }
    }
    published(&world).await;
    consume(&mut world, Many::default()).await;
    world.settle(18).await;
    let letters = DeadLetters::connect(&world.broker.config()).await.unwrap();
    let parked = async || letters.list("probe.many", Which::All, 10).await.unwrap();
    eventually("both are parked", async || parked().await.len() == 2).await;
    let mut reasons: Vec<_> =
        parked().await.into_iter().map(|letter| (letter.reason, letter.attempts)).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, [("failed".to_owned(), 5), ("poison".to_owned(), 1)]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_stays_in_its_own_trace() {
    let exporter = watch();
    let mut world = before().await;
    let workspace = WorkspaceId::generate(&world.clock);
    let mut told = Vec::new();
    for _ in 0..30 {
        let request = tracing::info_span!("request");
        told.push(tell(&world, workspace, "one").instrument(request).await);
    }
    published(&world).await;
    let handler = Many::default();
    consume(&mut world, handler.clone()).await;
    world.settle(30).await;
    let handled = handler.0.lock().unwrap().concat();
    assert_eq!(handled.iter().map(|(id, _)| *id).collect::<Vec<_>>(), told);
    let processed = async || ended(&exporter, "process probe.many");
    eventually("every event's processing has ended", async || processed().await.len() == 30).await;
    let mut traces: Vec<String> = handled.into_iter().filter_map(|(_, trace)| trace).collect();
    traces.sort_unstable();
    let mut expected = processed().await;
    expected.sort_unstable();
    assert_eq!(traces, expected);
    expected.dedup();
    assert_eq!(expected.len(), 30);
    world.stop().await;
}
