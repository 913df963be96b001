use std::convert::Infallible;
use std::time::{Duration, Instant};

use witan_kv::{BreakerPolicy, Kv, Quota};
use witan_lifecycle::Lifecycle;

use crate::world::{Wire, World, eventually};

const QUOTA: Quota = Quota { burst: 3, per: Duration::from_secs(3600) };
/// What a request may lose to Redis being away, with room for a busy machine.
const BEARABLE: Duration = Duration::from_millis(500);

async fn limits_hold_locally(kv: &Kv, key: &str) {
    let begun = Instant::now();
    for _ in 0..3 {
        assert!(kv.limit(key, QUOTA).await.allowed);
    }
    assert!(!kv.limit(key, QUOTA).await.allowed);
    assert!(begun.elapsed() < BEARABLE, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_start_without_redis_is_a_start() {
    let world = World::new();
    let kv = world.kv_at(([127, 0, 0, 1], 1).into()).await;
    assert!(kv.ping().await.is_err());
    limits_hold_locally(&kv, "user").await;
    let loaded =
        kv.cache("things").get_or_load("key", &["t"], QUOTA.per, async || Ok::<_, Infallible>(1)).await;
    assert_eq!(loaded, Ok(1));
}

#[tokio::test]
async fn limits_go_on_locally_while_redis_is_gone_and_return_to_it() {
    let (world, tasks) = (World::new(), Lifecycle::new());
    let wire = Wire::new(&tasks).await;
    let kv = world.kv_at(wire.address).await;
    kv.ping().await.unwrap();
    wire.cut();
    eventually(async || kv.ping().await.is_err()).await;
    limits_hold_locally(&kv, "user").await;
    wire.mend();
    eventually(async || kv.ping().await.is_ok()).await;
    assert_eq!(kv.limit("other", QUOTA).await.remaining, 2);
    assert!(!kv.limit("user", QUOTA).await.allowed, "what was taken meanwhile counts");
    tasks.stop();
}

#[tokio::test]
async fn an_interruption_gives_nobody_a_second_bucket() {
    let (world, tasks) = (World::new(), Lifecycle::new());
    let wire = Wire::new(&tasks).await;
    let (kv, other_replica) = (world.kv_at(wire.address).await, world.kv().await);
    let quota = Quota { burst: 10, ..QUOTA };
    for left in (6..10).rev() {
        assert_eq!(kv.limit("user", quota).await.remaining, left);
    }
    wire.cut();
    eventually(async || kv.ping().await.is_err()).await;
    for left in (3..6).rev() {
        assert_eq!(kv.limit("user", quota).await.remaining, left, "it goes on from what Redis said");
    }
    wire.mend();
    eventually(async || kv.ping().await.is_ok()).await;
    assert_eq!(kv.limit("user", quota).await.remaining, 2, "and Redis hears of it");
    assert_eq!(other_replica.limit("user", quota).await.remaining, 1, "so that all replicas know");
    assert_eq!(kv.limit("user", quota).await.remaining, 0, "once");
    assert!(!kv.limit("user", quota).await.allowed);
    tasks.stop();
}

#[tokio::test]
async fn a_redis_that_hangs_costs_one_budget_and_not_one_per_request() {
    let (world, tasks) = (World::impatient(), Lifecycle::new());
    let wire = Wire::new(&tasks).await;
    let kv = world.kv_at(wire.address).await;
    kv.ping().await.unwrap();
    wire.stick();
    let begun = Instant::now();
    for _ in 0..100 {
        kv.limit("user", Quota { burst: 1000, ..QUOTA }).await;
    }
    assert!(begun.elapsed() < BEARABLE, "{:?}", begun.elapsed());
    wire.mend();
    eventually(async || kv.ping().await.is_ok()).await;
    tasks.stop();
}

#[tokio::test]
async fn what_a_late_redis_takes_is_not_taken_twice() {
    let (world, tasks) = (World::impatient(), Lifecycle::new());
    let wire = Wire::new(&tasks).await;
    let kv = world.kv_at(wire.address).await;
    let quota = Quota { burst: 10, ..QUOTA };
    kv.ping().await.unwrap();
    wire.stick();
    assert_eq!(kv.limit("user", quota).await.remaining, 9, "it was sent, and arrives later");
    wire.mend();
    eventually(async || kv.ping().await.is_ok()).await;
    assert!(kv.limit("user", quota).await.remaining >= 8);
    tasks.stop();
}

#[tokio::test]
async fn a_breaker_follows_its_rules_locally() {
    let world = World::new();
    let policy = BreakerPolicy {
        failures: 3,
        open_for: Duration::from_millis(80),
        probe_for: Duration::from_secs(60),
    };
    let breaker = world.kv_at(([127, 0, 0, 1], 1).into()).await.breaker("partner", policy);
    for _ in 0..3 {
        breaker.acquire().await.unwrap().failure().await;
    }
    assert!(breaker.acquire().await.is_err());
    let mut probe = None;
    eventually(async || {
        probe = breaker.acquire().await.ok();
        probe.is_some()
    })
    .await;
    assert!(breaker.acquire().await.is_err(), "one at a time");
    probe.unwrap().success().await;
    assert!(breaker.acquire().await.is_ok_and(|permit| !permit.is_probe()));
}
