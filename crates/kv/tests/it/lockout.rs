use std::time::Duration;

use witan_clock::ManualClock;
use witan_kv::{Counter, Failed, Kv, LockoutPolicy};
use witan_lifecycle::Lifecycle;

use crate::world::{Wire, World, eventually};

const QUARTER: Duration = Duration::from_secs(15 * 60);
const POLICY: LockoutPolicy = LockoutPolicy {
    failures: 5,
    again: 5,
    first: QUARTER,
    longest: Duration::from_secs(24 * 3600),
    forget: Duration::from_secs(24 * 3600),
};

fn time() -> ManualClock {
    ManualClock::at("2026-08-20T09:00:00Z".parse().unwrap())
}

fn counter(key: &str) -> [Counter; 1] {
    [Counter { key: key.to_owned(), policy: POLICY }]
}

async fn fail(kv: &Kv, key: &str) -> Failed {
    kv.count_failure("ada", &counter(key)).await[0]
}

async fn is_locked(kv: &Kv, key: &str) -> bool {
    kv.is_locked("ada", &counter(key)).await
}

#[tokio::test]
async fn five_failures_lock_in_all_replicas_and_longer_each_time() {
    let time = time();
    let world = World::at(time.clock());
    let (one, other) = (world.kv().await, world.kv().await);
    for _ in 0..2 {
        assert!(!fail(&one, "home").await.began);
        assert!(!fail(&other, "home").await.began);
    }
    assert!(!is_locked(&one, "home").await);
    assert_eq!(fail(&one, "home").await, Failed { locked_for: QUARTER, began: true });
    assert!(is_locked(&other, "home").await);
    assert!(!is_locked(&other, "elsewhere").await, "another source is not");
    assert!(!fail(&other, "home").await.began, "what fails meanwhile does not count");
    time.advance(QUARTER);
    assert!(!is_locked(&one, "home").await);
    for _ in 0..4 {
        fail(&one, "home").await;
    }
    assert_eq!(fail(&one, "home").await.locked_for, QUARTER * 2);
}

#[tokio::test]
async fn a_success_forgets_and_one_lock_of_several_is_enough() {
    let world = World::new();
    let kv = world.kv().await;
    for _ in 0..4 {
        fail(&kv, "home").await;
    }
    kv.forget_failures("ada", &counter("home")).await;
    for _ in 0..4 {
        assert!(!fail(&kv, "home").await.began);
    }
    assert!(fail(&kv, "home").await.began);
    let [home] = counter("home");
    let [all] = counter("all");
    assert!(kv.is_locked("ada", &[all, home]).await);
}

#[tokio::test]
async fn without_redis_a_process_goes_on_from_what_it_heard() {
    let (world, tasks) = (World::new(), Lifecycle::new());
    let wire = Wire::new(&tasks).await;
    let kv = world.kv_at(wire.address).await;
    for _ in 0..3 {
        fail(&kv, "home").await;
    }
    for _ in 0..5 {
        fail(&kv, "work").await;
    }
    wire.cut();
    eventually(async || kv.ping().await.is_err()).await;
    assert!(is_locked(&kv, "work").await);
    assert!(!fail(&kv, "home").await.began);
    assert!(fail(&kv, "home").await.began, "the fifth, wherever it was counted");
    tasks.stop();
}

/// What Redis does and what a process does without it are written twice, and must be the same.
#[tokio::test]
async fn the_script_counts_as_the_process_does() {
    let time = time();
    let world = World::at(time.clock());
    let (shared, alone) = (world.kv().await, world.kv_at(([127, 0, 0, 1], 1).into()).await);
    let clock = time.clock();
    let policy = LockoutPolicy { failures: 3, again: 1, longest: QUARTER * 3, ..POLICY };
    let counters = ["one", "two"].map(|key| Counter { key: key.to_owned(), policy });
    for step in 0..200 {
        let some = &counters[..1 + usize::from(clock.random_range(0..2) == 1)];
        let ours = alone.count_failure("ada", some).await;
        assert_eq!(shared.count_failure("ada", some).await, ours, "step {step}");
        let pause = [0, 60, 900, 3600, 90_000][usize::try_from(clock.random_range(0..5)).unwrap()];
        time.advance(Duration::from_secs(pause));
    }
}
