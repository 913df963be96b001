//! From the commit to the consumer's effect. Prints what it measures; asserts only that nothing polls.

use std::time::Duration;

use crate::ledger::{Ledger, World};

const EVENTS: usize = 600;
const PER_SECOND: u64 = 200;

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
    let mut waited: Vec<f64> = world.entries().await.iter().skip(1).map(|entry| entry.waited * 1e3).collect();
    waited.sort_by(f64::total_cmp);
    let at = |share: f64| waited[((waited.len() - 1) as f64 * share) as usize];
    println!("from publish to effect: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms", at(0.5), at(0.99), at(1.0));
    assert!(at(0.5) < 250.0, "half the events waited for a poll: {:.1} ms", at(0.5));
    std::sync::Arc::into_inner(world).unwrap().stop().await;
}
