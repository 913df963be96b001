//! From the commit to the consumer's effect. Prints what it measures; asserts only that nothing polls.
//!
//! Whether something polls shows when nothing queues: at a steady rate a busy machine may fall behind, and then events
//! wait for each other.

use std::time::Duration;

use crate::ledger::{Ledger, World};

const EVENTS: usize = 600;
const PER_SECOND: u64 = 200;

/// The relay polls twice a second for what its notifications missed: of events that came one by one, right after each
/// other, every one would wait that long.
const POLL_MS: f64 = 500.0;

#[tokio::test]
async fn an_event_does_not_wait_for_a_poll() {
    let mut world = World::create().await;
    world.consume(Ledger::default()).await;
    world.relay();
    world.publish("warm").await;
    world.settle(1).await;
    for index in 2..=21 {
        world.publish("subject").await;
        crate::support::eventually("it arrives", async || world.entries().await.len() >= index).await;
    }
    let waited = waits(&world).await;
    let half = waited[waited.len() / 2];
    assert!(half < POLL_MS / 2.0, "half the events waited for a poll: {waited:?} ms");
    world.stop().await;
}

/// In milliseconds, ascending; without the one that warmed up.
async fn waits(world: &World) -> Vec<f64> {
    let mut waited: Vec<f64> = world.entries().await.iter().skip(1).map(|entry| entry.waited * 1e3).collect();
    waited.sort_by(f64::total_cmp);
    waited
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_events_a_second() {
    let mut world = World::create().await;
    world.consume(Ledger::default()).await;
    world.relay();
    world.publish("warm").await;
    world.settle(1).await;
    let mut ticks = tokio::time::interval(Duration::from_millis(1000 / PER_SECOND));
    let mut publishing = tokio::task::JoinSet::new();
    let world = std::sync::Arc::new(world);
    for index in 0..EVENTS {
        ticks.tick().await;
        let world = world.clone();
        publishing.spawn(async move { world.publish(&format!("subject-{}", index % 50)).await });
    }
    publishing.join_all().await;
    crate::support::eventually("all have arrived", async || world.entries().await.len() > EVENTS).await;
    assert_eq!(world.entries().await.len(), EVENTS + 1, "an event had its effect twice");
    let waited = waits(&world).await;
    let at = |share: f64| waited[((waited.len() - 1) as f64 * share) as usize];
    println!("from publish to effect: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms", at(0.5), at(0.99), at(1.0));
    std::sync::Arc::into_inner(world).unwrap().stop().await;
}
