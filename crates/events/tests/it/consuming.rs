//! Each event has its effect once; what cannot be processed is parked and blocks nobody.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use witan_events::contracts::tenancy::v1::StartupCreated;
use witan_events::dead_letters::{DeadLetters, Which};
use witan_events::{Consumers, Envelope, HandleError, TenantHandler, publish};
use witan_ids::{StartupId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx, sql};

use crate::ledger::{Ledger, World};
use crate::support::eventually;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_duplicate_has_no_second_effect() {
    let mut world = World::create().await;
    world.consume(Ledger::default()).await;
    world.relay();
    for _ in 0..5 {
        world.publish("one").await;
    }
    world.settle(5).await;
    // As a relay that died between the confirm and the mark leaves them.
    let again = "WITH again AS (UPDATE outbox SET published_at = NULL RETURNING 1) SELECT count(*) AS count FROM again";
    assert_eq!(world.count(again).await, 5);
    eventually("all are published again", async || {
        world.count("SELECT count(*) AS count FROM outbox WHERE published_at IS NULL").await == 0
    })
    .await;
    world.publish("one").await;
    world.settle(6).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn poison_is_parked_and_the_others_flow() {
    let mut world = World::create().await;
    world.consume(Ledger { poison: "bad", panic: "mad", ..Ledger::default() }).await;
    world.relay();
    let poison = world.publish("bad-1").await;
    world.publish("mad-1").await;
    for index in 0..20 {
        world.publish(&format!("good-{}", index % 4)).await;
    }
    world.settle(20).await;

    let letters = DeadLetters::connect(&world.broker.config()).await.unwrap();
    eventually("both are parked", async || {
        letters.list("probe.ledger", Which::All, 10).await.unwrap().len() == 2
    })
    .await;
    let id = witan_ids::EventId::from_uuid(poison).to_string();
    let letter = letters.show("probe.ledger", &id).await.unwrap().unwrap();
    assert_eq!((letter.reason.as_str(), letter.attempts), ("poison", 1));
    assert!(letter.first_error.contains("it is poison"), "{letter:?}");
    assert_eq!(letter.event.unwrap().subject, "bad-1");
    let panicked = letters
        .list("probe.ledger", Which::All, 10)
        .await
        .unwrap()
        .into_iter()
        .find(|letter| letter.id != id)
        .unwrap();
    assert_eq!((panicked.reason.as_str(), panicked.attempts), ("failed", 5));
    assert!(panicked.last_error.contains("panicked"), "{panicked:?}");

    assert_eq!(letters.discard("probe.ledger", Which::One(&panicked.id)).await.unwrap(), 1);
    // The consumer was mended in the meantime.
    let (mended, old) = (Ledger::default(), world.processes.remove(0));
    old.stop();
    assert!(old.wait_idle(Duration::from_secs(25)).await);
    world.consume(mended).await;
    assert_eq!(letters.replay("probe.ledger", Which::One(&id)).await.unwrap(), 1);
    world.settle(21).await;
    assert!(letters.list("probe.ledger", Which::All, 10).await.unwrap().is_empty());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_that_passes_is_tried_again_in_order() {
    let mut world = World::create().await;
    let handler = Ledger { flaky: "flaky", ..Ledger::default() };
    let tries = handler.tries.clone();
    world.consume(handler).await;
    world.relay();
    for _ in 0..10 {
        world.publish("flaky-1").await;
    }
    world.settle(10).await;
    assert_eq!(AtomicUsize::load(&tries, Ordering::SeqCst), 13);
    world.stop().await;
}

/// While the database is away no event is to blame: none may end as a dead letter.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_away_events_are_held() {
    let mut world = World::create().await;
    let handler = Ledger::default();
    world.consume(handler).await;
    let admin = world.database.admin().await;
    let name = world.database.name.clone();
    let set = async |statement: &str| {
        admin.batch_execute(&statement.replace("{name}", &name)).await.unwrap();
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE usename = 'witan_probe' AND datname = current_database()";
        admin.batch_execute(end).await.unwrap();
    };
    world.relay();
    for _ in 0..20 {
        world.publish("one").await;
    }
    set("REVOKE CONNECT ON DATABASE {name} FROM witan_probe").await;
    // Twice as long as five tries take: what must not happen cannot be waited for.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    set("GRANT CONNECT ON DATABASE {name} TO witan_probe").await;
    world.settle(20).await;
    let letters = DeadLetters::connect(&world.broker.config()).await.unwrap();
    assert!(letters.list("probe.ledger", Which::All, 10).await.unwrap().is_empty());
    world.stop().await;
}

struct Notes;

#[async_trait]
impl TenantHandler for Notes {
    fn name(&self) -> &'static str {
        "notes"
    }

    fn patterns(&self) -> &'static [&'static str] {
        &["startup.created"]
    }

    async fn handle(&self, tx: &mut TenantTx<'_>, event: &Envelope) -> Result<(), HandleError> {
        let created: StartupCreated = event.decode()?;
        let id: StartupId = created.startup_id.parse()?;
        let workspace = tx.workspace_id();
        let insert = sql("INSERT INTO notes (workspace_id, id) VALUES ($1, $2)")
            .bind::<SqlUuid, _>(workspace)
            .bind::<SqlUuid, _>(id);
        insert.execute(tx.conn()).await.map_err(PgError::from)?;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenants_event_is_handled_in_the_tenants_transaction() {
    let mut world = World::create().await;
    let (lifecycle, amqp) = world.process();
    Consumers::new(&world.pg, &amqp, &world.clock, &lifecycle, "probe").tenant(Notes).spawn();
    assert!(amqp.wait_ready(Duration::from_secs(20)).await);
    world.relay();
    let workspace = WorkspaceId::generate(&world.clock);
    let event = StartupCreated {
        workspace_id: workspace.to_string(),
        startup_id: StartupId::generate(&world.clock).to_string(),
        name: "x".to_owned(),
    };
    world
        .pg
        .tenant("create", workspace, async |tx| publish(tx, &world.clock, &event.startup_id, &event).await)
        .await
        .unwrap();
    let admin = world.database.admin().await;
    let id = workspace.uuid().to_string();
    eventually("the note is there", async || {
        let query = "SELECT count(*) FROM probe.notes WHERE workspace_id = $1::text::uuid";
        admin.query_one(query, &[&id]).await.unwrap().get::<_, i64>(0) == 1
    })
    .await;
    world.stop().await;
}
