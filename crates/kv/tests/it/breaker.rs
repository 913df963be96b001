use std::time::Duration;

use witan_kv::{Breaker, BreakerPolicy};

use crate::world::{World, eventually};

const POLICY: BreakerPolicy =
    BreakerPolicy { failures: 3, open_for: Duration::from_millis(80), probe_for: Duration::from_secs(60) };

async fn fail(breaker: &Breaker) {
    breaker.acquire().await.unwrap().failure().await;
}

async fn open(breaker: &Breaker) {
    for _ in 0..POLICY.failures {
        fail(breaker).await;
    }
}

#[tokio::test]
async fn failures_in_a_row_open_it_for_all_replicas() {
    let world = World::new();
    let policy = BreakerPolicy { open_for: Duration::from_secs(300), ..POLICY };
    let (one, other) =
        (world.kv().await.breaker("partner", policy), world.kv().await.breaker("partner", policy));
    fail(&one).await;
    fail(&other).await;
    one.acquire().await.unwrap().success().await;
    fail(&one).await;
    fail(&other).await;
    assert!(one.acquire().await.is_ok(), "a success in between starts the count again");
    fail(&one).await;
    let refused = other.acquire().await.unwrap_err();
    assert!(
        refused.retry_after > Duration::from_secs(299) && refused.retry_after <= Duration::from_secs(300)
    );
    assert!(world.kv().await.breaker("another", policy).acquire().await.is_ok());
}

#[tokio::test]
async fn of_all_replicas_one_caller_tries_when_it_is_half_open() {
    let world = World::new();
    let (one, other) =
        (world.kv().await.breaker("partner", POLICY), world.kv().await.breaker("partner", POLICY));
    open(&one).await;
    let mut probes = Vec::new();
    eventually(async || {
        probes.extend(one.acquire().await.ok());
        probes.extend(other.acquire().await.ok());
        !probes.is_empty()
    })
    .await;
    for breaker in [&one, &other, &one, &other] {
        assert!(breaker.acquire().await.is_err());
    }
    assert_eq!(probes.len(), 1);
    let probe = probes.pop().unwrap();
    assert!(probe.is_probe());
    probe.success().await;
    assert!(one.acquire().await.is_ok_and(|permit| !permit.is_probe()));
    assert!(other.acquire().await.is_ok_and(|permit| !permit.is_probe()));
}

#[tokio::test]
async fn a_probe_that_fails_opens_it_again() {
    let breaker = World::new().kv().await.breaker("partner", POLICY);
    open(&breaker).await;
    let mut probe = None;
    eventually(async || {
        probe = breaker.acquire().await.ok();
        probe.is_some()
    })
    .await;
    probe.unwrap().failure().await;
    assert!(breaker.acquire().await.is_err());
}

#[tokio::test]
async fn a_late_success_from_before_does_not_close_it() {
    let policy = BreakerPolicy { open_for: Duration::from_secs(300), ..POLICY };
    let breaker = World::new().kv().await.breaker("partner", policy);
    let slow = breaker.acquire().await.unwrap();
    open(&breaker).await;
    slow.success().await;
    assert!(breaker.acquire().await.is_err());
}

#[tokio::test]
async fn a_call_is_judged_by_who_is_to_blame() {
    let breaker = World::new().kv().await.breaker("partner", POLICY);
    for _ in 0..10 {
        let answer = breaker.call(async { Err::<(), _>(404) }, |status| *status >= 500).await;
        assert_eq!(answer, Ok(Err(404)));
    }
    for _ in 0..POLICY.failures {
        assert_eq!(breaker.call(async { Err::<(), _>(502) }, |status| *status >= 500).await, Ok(Err(502)));
    }
    assert!(breaker.call(async { Ok::<_, u16>(()) }, |_| true).await.is_err());
}
