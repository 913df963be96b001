//! The port that only operators reach (invariant 12).

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use witan_lifecycle::Lifecycle;
use witan_testkit::TestService;
use witan_web::Health;

use crate::probe::Probe;

#[tokio::test]
async fn probes_answer_on_the_second_port() {
    let service = TestService::<Probe>::start().await;
    let operator = service.internal_anon();
    let _ = operator.get("/live").await.expect(200);
    let _ = operator.get("/ready").await.expect(200);
    let health = operator.get("/health").await.expect(200);
    assert_eq!(health.json["ready"], true);
    assert!(health.json["checks"].as_array().unwrap().iter().any(|check| check["name"] == "postgres"));
}

#[tokio::test]
async fn a_peer_that_is_away_changes_nothing() {
    let service = TestService::<Probe>::start().await;
    service.peers().set_away(true);
    let _ = service.internal_anon().get("/ready").await.expect(200);
}

#[tokio::test]
async fn who_drains_is_live_and_not_ready() {
    let service = TestService::<Probe>::start().await;
    service.running().context().lifecycle.begin_drain();
    let health = Health::new(&service.running().context().lifecycle);
    assert!(!health.is_ready().await);
    assert!(service.running().context().lifecycle.is_live());
}

fn ready_lifecycle() -> Lifecycle {
    let lifecycle = Lifecycle::new();
    lifecycle.set_ready(true);
    lifecycle
}

#[tokio::test(start_paused = true)]
async fn checks_are_asked_once_a_second_however_often_the_probe_is() {
    let asked = Arc::new(AtomicU32::new(0));
    let count = asked.clone();
    let health = Health::new(&ready_lifecycle()).check("database", move || {
        count.fetch_add(1, Ordering::SeqCst);
        ready(Ok::<_, String>(()))
    });
    for _ in 0..10 {
        assert!(health.is_ready().await);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    tokio::time::advance(Duration::from_millis(1001)).await;
    assert!(health.is_ready().await);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_check_that_hangs_is_a_check_that_failed() {
    let health =
        Health::new(&ready_lifecycle()).check("database", std::future::pending::<Result<(), String>>);
    let begun = tokio::time::Instant::now();
    assert!(!health.is_ready().await);
    assert!(begun.elapsed() <= Duration::from_millis(510));
    assert_eq!(health.findings().await[0].error.as_deref(), Some("no answer in time"));
}

#[tokio::test(start_paused = true)]
async fn what_one_can_do_without_shows_and_does_not_count() {
    let up = Arc::new(AtomicBool::new(true));
    let database = up.clone();
    let health = Health::new(&ready_lifecycle())
        .check("database", move || ready(if database.load(Ordering::SeqCst) { Ok(()) } else { Err("gone") }))
        .optional("redis", || ready(Err::<(), _>("away")));
    assert!(health.is_ready().await);
    assert!(!health.findings().await[1].ok);
    up.store(false, Ordering::SeqCst);
    tokio::time::advance(Duration::from_millis(1001)).await;
    assert!(!health.is_ready().await);
}
