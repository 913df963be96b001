use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::TimeDelta;
use witan_ids::WorkspaceId;
use witan_inbound::{PLATFORM, Received};

use crate::support::eventually;
use crate::world::{Probe, World};

#[tokio::test]
async fn what_was_received_before_a_crash_is_processed_after_it() {
    let mut world = World::create().await;
    assert_eq!(world.send("evt-1", "one").await.unwrap(), Received::New);
    assert_eq!(world.health().await.pending, 1, "nobody processes yet");
    world.run(Probe::default());
    eventually("processed", async || world.health().await.pending == 0).await;
    let health = world.health().await;
    assert_eq!((world.effects("evt-1").await, health.failed), (1, 0));
    assert!(health.last_processed_at.is_some() && health.oldest_pending_at.is_none());
    world.stop().await;
}

#[tokio::test]
async fn a_worker_that_dies_in_the_middle_leaves_nothing_half_done() {
    let mut world = World::create().await;
    let probe = Probe { hang: 1, ..Probe::default() };
    let first = world.run(probe.clone());
    world.send("evt-1", "one").await.unwrap();
    eventually("begun", async || probe.calls.load(Ordering::SeqCst) == 1).await;
    assert_eq!(world.effects("evt-1").await, 0, "not committed");
    first.stop();
    world.run(probe.clone());
    // The job goes back when its process gives it up.
    eventually("processed", async || world.effects("evt-1").await == 1).await;
    assert_eq!((probe.calls.load(Ordering::SeqCst), world.health().await.pending), (2, 0));
    world.stop().await;
}

#[tokio::test]
async fn a_hundred_at_once_are_processed_once() {
    let mut world = World::create().await;
    let probe = Probe::default();
    world.run(probe.clone());
    world.run(probe.clone());
    let sent = futures(&world, 100).await;
    assert_eq!(sent.iter().filter(|received| **received == Received::New).count(), 1);
    assert_eq!(sent.iter().filter(|received| **received == Received::Repeated).count(), 99);
    eventually("processed", async || world.health().await.pending == 0).await;
    assert_eq!(world.send("evt-1", "one").await.unwrap(), Received::Repeated, "also afterwards");
    assert_eq!((world.effects("evt-1").await, probe.calls.load(Ordering::SeqCst)), (1, 1));
    world.stop().await;
}

async fn futures(world: &World, count: usize) -> Vec<Received> {
    let all = (0..count).map(|_| async { world.send("evt-1", "one").await.unwrap() });
    futures_util::future::join_all(all).await
}

#[tokio::test]
async fn an_id_stands_for_one_body() {
    let mut world = World::create().await;
    world.send("evt-1", "one").await.unwrap();
    let refused = world.send("evt-1", "two").await.unwrap_err();
    assert_eq!(refused.code().code, "inbound.event_conflict");
    // The same id in another workspace, or in none, is another event.
    let other = WorkspaceId::generate(&world.clock);
    assert_eq!(world.send_to(other, "evt-1", "three").await.unwrap(), Received::New);
    assert_eq!(world.send_to(PLATFORM, "evt-1", "four").await.unwrap(), Received::New);
    world.run(Probe::default());
    eventually("all are processed", async || world.effects("evt-1").await == 3).await;
    let refused = world.send("evt-1", "two").await.unwrap_err();
    assert_eq!(refused.code().code, "inbound.event_conflict");
    world.stop().await;
}

#[tokio::test]
async fn a_failure_is_tried_again_and_leaves_no_trace() {
    let mut world = World::create().await;
    let probe = Probe { fail: 2, ..Probe::default() };
    world.run(probe.clone());
    world.send("evt-1", "one").await.unwrap();
    for calls in 1..=2 {
        eventually("tried", async || probe.calls.load(Ordering::SeqCst) == calls).await;
        eventually("waits", async || world.waiting().await).await;
        assert_eq!((world.effects("evt-1").await, world.health().await.pending), (0, 1));
        world.time.advance(Duration::from_secs(4));
    }
    eventually("processed", async || world.effects("evt-1").await == 1).await;
    world.stop().await;
}

#[tokio::test]
async fn what_is_refused_is_told_and_can_be_sent_again() {
    let mut world = World::create().await;
    let strict = Probe { refuse: true, ..Probe::default() };
    let process = world.run(strict);
    world.send("evt-1", "one").await.unwrap();
    eventually("refused", async || world.health().await.failed == 1).await;
    let health = world.health().await;
    assert_eq!((health.pending, health.last_error.as_deref()), (0, Some("no use")));
    assert_eq!(world.effects("evt-1").await, 0);
    process.stop();
    assert!(process.wait_idle(Duration::from_secs(25)).await);

    assert_eq!(world.send("evt-1", "two").await.unwrap_err().code().status, 409);
    assert_eq!(world.send("evt-1", "one").await.unwrap(), Received::Again);
    assert_eq!(world.send("evt-1", "one").await.unwrap(), Received::Repeated, "it waits already");
    world.run(Probe::default());
    eventually("processed", async || world.effects("evt-1").await == 1).await;
    assert_eq!((world.health().await.failed, world.health().await.last_error), (0, None));
    world.stop().await;
}

#[tokio::test]
async fn after_the_last_attempt_it_shows_as_failed() {
    for panic in [false, true] {
        let mut world = World::create().await;
        world.send("evt-1", "one").await.unwrap();
        world.change_jobs("attempts = max_attempts - 1").await;
        world.run(Probe { fail: 1, panic, ..Probe::default() });
        eventually("failed", async || world.health().await.failed == 1).await;
        let said = world.health().await.last_error.unwrap();
        assert_eq!(said, if panic { "the handler panicked" } else { "not now" });
        assert_eq!(world.send("evt-1", "one").await.unwrap(), Received::Again);
        eventually("processed", async || world.effects("evt-1").await == 1).await;
        world.stop().await;
    }
}

#[tokio::test]
async fn what_killed_every_process_that_tried_it_is_tried_again_when_it_comes_again() {
    let mut world = World::create().await;
    world.send("evt-1", "one").await.unwrap();
    world.change_jobs("state = 'dead', finished_at = now()").await;
    assert_eq!(world.health().await.pending, 1, "it shows that it waits");
    assert_eq!(world.send("evt-1", "one").await.unwrap(), Received::Repeated);
    world.run(Probe::default());
    eventually("processed", async || world.effects("evt-1").await == 1).await;
    world.stop().await;
}

#[tokio::test]
async fn old_receipts_go_as_new_ones_come() {
    let mut world = World::create().await;
    world.run(Probe::default());
    for id in ["evt-1", "evt-2"] {
        world.send(id, "old").await.unwrap();
    }
    eventually("processed", async || world.health().await.pending == 0).await;
    world.time.advance((TimeDelta::days(30) + TimeDelta::minutes(1)).to_std().unwrap());
    world.send("evt-3", "new").await.unwrap();
    eventually("pruned", async || world.receipts().await == 1).await;
    world.stop().await;
}
