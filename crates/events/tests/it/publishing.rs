//! Events are in the outbox when, and only when, their transaction committed.

use witan_events::contracts::auth::v1::UserRegistered;
use witan_events::contracts::tenancy::v1::StartupCreated;
use witan_events::{publish, publish_alone};
use witan_ids::WorkspaceId;
use witan_pg::{PgError, TenantTx};

use crate::ledger::{Ledger, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_without_its_commit() {
    let mut world = World::create().await;
    world.consume(Ledger::default()).await;
    world.relay();
    let event = UserRegistered::default();
    let rolled_back: Result<(), PgError> = world
        .pg
        .tx("rolled back", async |tx| {
            publish(tx, &world.clock, "one", &event).await?;
            Err(PgError::NotFound)
        })
        .await;
    rolled_back.unwrap_err();
    world.publish("one").await;
    world.settle(1).await;
    // The number that was rolled back is used again: consumers see no gap.
    assert_eq!(world.entries().await[0].sequence, 1);
    world.stop().await;
}

#[tokio::test]
async fn the_workspace_is_the_transactions_and_the_event_cannot_name_another() {
    let world = World::create().await;
    let (mine, other) = (WorkspaceId::generate(&world.clock), WorkspaceId::generate(&world.clock));
    let event =
        |workspace: WorkspaceId| StartupCreated { workspace_id: workspace.to_string(), ..Default::default() };
    let write = async |event: StartupCreated| {
        world
            .pg
            .tenant("write", mine, async |tx: &mut TenantTx<'_>| {
                publish(tx, &world.clock, "stp", &event).await
            })
            .await
    };
    write(event(mine)).await.unwrap();
    write(StartupCreated::default()).await.unwrap();
    let error = write(event(other)).await.unwrap_err();
    assert!(error.to_string().contains("another workspace"), "{error}");
    assert_eq!(world.count("SELECT count(DISTINCT workspace) AS count FROM outbox").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_of_a_subject_have_no_gaps_however_many_write_at_once() {
    let world = World::create().await;
    let all = (0..60).map(|index| {
        let world = &world;
        async move { world.publish(if index % 2 == 0 { "even" } else { "odd" }).await }
    });
    futures_util::future::join_all(all).await;
    let wrong = "SELECT count(*) AS count FROM (
        SELECT sequence, row_number() OVER (PARTITION BY subject ORDER BY position) AS n FROM outbox) o WHERE sequence <> n";
    assert_eq!(world.count(wrong).await, 0);
    assert_eq!(world.count("SELECT max(sequence) AS count FROM outbox").await, 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_alone_arrives_and_leaves_no_counter() {
    let mut world = World::create().await;
    world.consume(Ledger::default()).await;
    world.relay();
    let event = UserRegistered::default();
    let tell = world.pg.tx("alone", async |tx| publish_alone(tx, &world.clock, "one", &event).await);
    tell.await.unwrap();
    world.settle(1).await;
    let entry = &world.entries().await[0];
    assert_eq!((entry.subject.as_str(), entry.sequence), ("one", 1));
    assert_eq!(world.count("SELECT count(*) AS count FROM outbox_subjects").await, 0);
    world.stop().await;
}

/// Nobody has subscribed: that is no failure, and it does not hold up what follows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_without_subscribers_counts_as_published() {
    let mut world = World::create().await;
    world.relay();
    world.publish("nobody").await;
    crate::support::eventually("it is marked", async || {
        world.count("SELECT count(*) AS count FROM outbox WHERE published_at IS NOT NULL").await == 1
    })
    .await;
    world.stop().await;
}
