//! What happens when processes, the broker and Redis die: nothing that was accepted is lost, nothing counts twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use witan_clock::{Clock, ManualClock};
use witan_tenancy::Tenancy;
use witan_testkit::{OwnBroker, Servers, TestService, Wire, eventually};

use crate::{describe, settle};

const PROGRAM: &str = env!("CARGO_BIN_EXE_witan-tenancy");

/// Where a URL leads, as `host:port`.
fn target(url: &str) -> String {
    let url: url::Url = url.parse().unwrap();
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())
}

/// The same URL through a wire.
fn through(wire: &Wire, url: &str) -> String {
    url.replace(&target(url), &wire.address().to_string())
}

/// Invariant 3: killed between the commit and the publish, and the event is told all the same, once.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_outlives_the_process_that_was_killed_before_it_could_publish() {
    let mut service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    service.halt().await;
    let direct = service.broker().url();
    let wire = Wire::to(target(&direct)).await.unwrap();
    service.set_env("AMQP_URL", &through(&wire, &direct));

    let process = service.process(PROGRAM).await;
    let person = process.person(ada.user.unwrap(), None).in_workspace(ada.workspace());
    wire.cut();
    let id = describe(&person, "Committed").await;
    process.kill();
    wire.mend();

    let mut events = service.events().await;
    let _process = service.process(PROGRAM).await;
    let envelope = events.next_of("startup.created").await;
    assert_eq!(envelope.data["startupId"], id);
    let again = events.rest().await.into_iter().filter(|event| event.event_type == "startup.created").count();
    assert_eq!(again, 0);
}

/// Killed between the commit and the answer: the next request with the key does not do it again.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_before_a_crash_is_not_done_again() {
    let time = ManualClock::at(Clock::system().now());
    let service = TestService::<Tenancy>::start_with(|builder| builder.clock(time.clock())).await;
    let ada = settle(&service, "Ada").await;
    let body = json!({ "name": "Once" });
    let make = async || ada.post_once("k", "/api/v1/startups", &body).await;
    let _ = make().await.expect(201);
    let database = service.database().superuser().await.unwrap();
    let crash = "UPDATE tenancy.idempotency_keys SET status = NULL, headers = NULL, body = NULL";
    assert_eq!(database.execute(crash, &[]).await.unwrap(), 1);
    make().await.expect_problem(409, "idempotency.in_flight");
    time.advance(Duration::from_secs(61));
    for _ in 0..2 {
        make().await.expect_problem(409, "idempotency.no_replay");
    }
    let page = ada.get("/api/v1/startups").await.expect(200);
    assert_eq!(page.json["data"].as_array().unwrap().len(), 1);
}

/// Killed before anything was committed: the next request with the key does it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_only_read_before_a_crash_is_done_afterwards() {
    let time = ManualClock::at(Clock::system().now());
    let service = TestService::<Tenancy>::start_with(|builder| builder.clock(time.clock())).await;
    let ada = settle(&service, "Ada").await;
    let body = json!({ "name": "Refused", "projectId": "prj_00000000000000000000000000" });
    let make = async || ada.post_once("k", "/api/v1/startups", &body).await.status;
    let refused = make().await;
    let database = service.database().superuser().await.unwrap();
    let noted = "SELECT changed FROM tenancy.idempotency_keys";
    assert!(!database.query_one(noted, &[]).await.unwrap().get::<_, bool>(0), "nothing was changed");
    let crash = "UPDATE tenancy.idempotency_keys SET status = NULL, headers = NULL, body = NULL";
    database.execute(crash, &[]).await.unwrap();
    time.advance(Duration::from_secs(61));
    assert_eq!(make().await, refused);
}

/// Invariant 12: until the process says that it is no longer ready, and while it finishes, no request fails.
#[tokio::test(flavor = "multi_thread")]
async fn sigterm_under_load_fails_no_request() {
    let mut service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    service.halt().await;
    service.set_env("WITAN_DRAIN_DELAY", "1s");
    for class in ["GENERAL", "API"] {
        service.set_env(&format!("RATE_LIMIT_{class}"), "1000000");
    }
    let mut process = service.process(PROGRAM).await;
    let person = process.person(ada.user.unwrap(), None).in_workspace(ada.workspace());
    let (done, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let callers: Vec<_> = (0..8)
        .map(|number| {
            let (person, done, answered) = (person.clone(), done.clone(), answered.clone());
            #[expect(clippy::disallowed_methods, reason = "joined below")]
            tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    if number % 2 == 0 {
                        person.get("/api/v1/startups").await.expect(200);
                    } else {
                        person.post("/api/v1/startups", json!({ "name": "Under load" })).await.expect(201);
                    }
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    eventually("load", async || answered.load(Ordering::SeqCst) > 100).await;
    process.terminate();
    // A balancer takes the process out of its list when it is no longer ready.
    let probe = process.internal();
    eventually("not ready", async || probe.get("/ready").await.status == 503).await;
    assert_eq!(probe.get("/live").await.status, 200);
    done.store(true, Ordering::SeqCst);
    for caller in callers {
        caller.await.unwrap();
    }
    assert!(process.ended().await.success());
}

/// Events flow on after the broker was killed and came back, without a restart of the service.
#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_broker_loses_no_event() {
    let mut broker = OwnBroker::start().await;
    let url = broker.url();
    let service = TestService::<Tenancy>::start_with(|builder| builder.env("AMQP_URL", url)).await;
    // Only this service's own events are looked at, so the first workspace comes through its API.
    let ada = service.person(witan_ids::UserId::generate(service.clock()), None);
    let made = ada.post("/api/v1/workspaces", json!({ "name": "Engines" })).await.expect(201);
    let ada = ada.in_workspace(made.text_at("/id").parse().unwrap());
    let mut expected = Vec::new();
    for number in 0..30 {
        match number {
            10 => broker.kill(),
            20 => broker.resume().await,
            _ => {}
        }
        expected.push(describe(&ada, &format!("Number {number}")).await);
    }
    let outbox = service.database().app("tenancy").await.unwrap();
    eventually("an empty outbox", async || {
        let row =
            outbox.query_one("SELECT count(*) FROM outbox WHERE published_at IS NULL", &[]).await.unwrap();
        row.get::<_, i64>(0) == 0
    })
    .await;
    let page = ada.get("/api/v1/startups?limit=100").await.expect(200);
    assert_eq!(page.json["data"].as_array().unwrap().len(), expected.len());
}

/// Requests are answered while Redis is away: a local limiter takes over.
#[tokio::test(flavor = "multi_thread")]
async fn requests_flow_while_redis_is_gone() {
    let redis = Servers::from_env().redis.to_string();
    let wire = Wire::to(target(&redis)).await.unwrap();
    let service =
        TestService::<Tenancy>::start_with(|builder| builder.env("REDIS_URL", through(&wire, &redis))).await;
    let ada = settle(&service, "Ada").await;
    describe(&ada, "Before").await;
    wire.cut();
    for number in 0..10 {
        describe(&ada, &format!("While it is away {number}")).await;
    }
    wire.mend();
    describe(&ada, "After").await;
    assert_eq!(
        ada.get("/api/v1/startups?limit=100").await.expect(200).json["data"].as_array().unwrap().len(),
        12
    );
}
