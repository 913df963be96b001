//! Endpoints that get what happened to one thing in its order.

use serde_json::{Value, json};
use witan_events::Envelope;
use witan_events::contracts::tenancy::v1::StartupCreated;
use witan_ids::{EventId, StartupId};
use witan_telemetry::TraceContext;
use witan_testkit::{Client, Received, Reply, Sink, TestService, eventually, sink};
use witan_webhooks::Webhooks;

use crate::{ENDPOINTS, delivery_in, webhooks};

async fn ordered(person: &Client, url: &str) -> Value {
    let wish = json!({ "url": url, "events": ["*"], "ordered": true });
    person.post(ENDPOINTS, wish).await.expect(201).json
}

/// A service whose retries come when a test wants them.
async fn patient() -> TestService<Webhooks> {
    TestService::start_with(|builder| builder.env("WEBHOOKS_SCHEDULE", "1h")).await
}

/// The `sequence`th thing that happened to a start-up.
async fn happened(service: &TestService<Webhooks>, startup: StartupId, sequence: i64) -> EventId {
    let event = StartupCreated {
        workspace_id: service.workspace.to_string(),
        startup_id: startup.to_string(),
        name: sequence.to_string(),
    };
    let envelope = Envelope {
        id: EventId::generate(service.clock()),
        source: "tenancy".to_owned(),
        event_type: "startup.created".to_owned(),
        time: service.clock().now(),
        subject: startup.to_string(),
        workspace_id: Some(service.workspace),
        sequence,
        trace: TraceContext::default(),
        data: serde_json::to_value(&event).unwrap(),
    };
    service.repeat(&envelope).await;
    envelope.id
}

/// What a partner got of one thing, by number.
fn got(received: &[Received], startup: StartupId) -> Vec<i64> {
    let of = received.iter().map(Received::json).filter(|body| body["data"]["startupId"] == json!(startup));
    of.map(|body| body["data"]["name"].as_str().unwrap().parse().unwrap()).collect()
}

async fn waiting(service: &TestService<Webhooks>, count: i64) {
    let database = service.database().superuser().await.unwrap();
    eventually(&format!("{count} that wait for others"), async || {
        let query = "SELECT count(*) FROM webhooks.deliveries d WHERE state = 'PENDING' AND next_attempt_at IS NULL
            AND EXISTS (SELECT FROM webhooks.jobs WHERE state = 'ready' AND last_error = 'others come before it'
                AND payload ->> 'deliveryId' IS NOT NULL AND (payload ->> 'round')::integer = d.round)";
        database.query_one(query, &[]).await.unwrap().get::<_, i64>(0) == count
    })
    .await;
}

/// The first of three is refused; another thing's event goes on.
async fn blocked(service: &TestService<Webhooks>, partner: &Sink, first: StartupId) -> (Client, Value) {
    let admin = service.admin();
    let made = ordered(&admin, &partner.url("/")).await;
    partner.reply_next(Reply::status(503));
    happened(service, first, 1).await;
    let path = format!("{ENDPOINTS}/{}/deliveries", made["id"].as_str().unwrap());
    let failed = eventually("the first has failed", async || {
        let page = admin.get(&path).await.expect(200).json;
        (page["data"][0]["attempts"] == 1).then(|| page["data"][0].clone())
    })
    .await;
    happened(service, first, 2).await;
    happened(service, first, 3).await;
    let second = StartupId::generate(service.clock());
    happened(service, second, 1).await;
    partner.wait_for(2).await;
    waiting(service, 2).await;
    let received = partner.received();
    assert_eq!((got(&received, first), got(&received, second)), (vec![1], vec![1]));
    (admin, failed)
}

#[tokio::test]
async fn one_that_fails_holds_up_the_later_ones_of_its_subject_until_it_is_resent() {
    let (service, partner) = (patient().await, sink().await);
    let startup = StartupId::generate(service.clock());
    let (admin, failed) = blocked(&service, &partner, startup).await;
    let path = format!("/api/v1/webhooks/deliveries/{}/resend", failed["id"].as_str().unwrap());
    admin.post(&path, json!({})).await.expect(202);
    let received = partner.wait_for(5).await;
    assert_eq!(got(&received, startup), [1, 1, 2, 3]);
}

#[tokio::test]
async fn the_order_outlives_a_worker_that_dies() {
    let (service, partner) = (patient().await, sink().await);
    let startup = StartupId::generate(service.clock());
    blocked(&service, &partner, startup).await;
    // As if somebody had begun the second attempt of the first, and died; and somebody else looked at the others.
    let database = service.database().superuser().await.unwrap();
    let die = "UPDATE webhooks.jobs SET state = 'running', lease_token = gen_random_uuid(),
        lease_until = now() - interval '1 s', run_at = now() WHERE state = 'ready' AND last_error IS NULL";
    let look = "UPDATE webhooks.jobs SET run_at = now() WHERE state = 'ready'";
    assert_eq!(database.execute(die, &[]).await.unwrap(), 1);
    assert_eq!(database.execute(look, &[]).await.unwrap(), 2);
    let received = partner.wait_for(5).await;
    assert_eq!(got(&received, startup), [1, 1, 2, 3]);
}

#[tokio::test]
async fn one_that_is_given_up_lets_the_others_go() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = ordered(&admin, &partner.url("/")).await;
    let startup = StartupId::generate(service.clock());
    for _ in 0..3 {
        partner.reply_next(Reply::status(500));
    }
    for sequence in 1..=3 {
        happened(&service, startup, sequence).await;
    }
    let received = partner.wait_for(5).await;
    assert_eq!(got(&received, startup), [1, 1, 1, 2, 3]);
    delivery_in(&admin, &made, "FAILED").await;
}

#[tokio::test]
async fn one_that_disables_the_endpoint_takes_the_others_along() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = ordered(&admin, &partner.url("/")).await;
    let startup = StartupId::generate(service.clock());
    let path = format!("{ENDPOINTS}/{}", made["id"].as_str().unwrap());
    admin.patch(&path, json!({ "paused": true })).await.expect(200);
    for sequence in 1..=3 {
        happened(&service, startup, sequence).await;
    }
    let states = async |state: &str| {
        let page = admin.get(&format!("{path}/deliveries?eventType=startup.created&state={state}")).await;
        page.expect(200).json["data"].as_array().unwrap().len()
    };
    eventually("all are held", async || states("HELD").await == 3).await;
    partner.reply_next(Reply::status(410));
    admin.patch(&path, json!({ "paused": false })).await.expect(200);
    eventually("all are given up", async || states("CANCELLED").await == 3).await;
    assert_eq!(got(&partner.received(), startup), [1]);
}

#[tokio::test]
async fn two_processes_and_a_pause_keep_the_order() {
    let (service, partner) = (webhooks().await, sink().await);
    let other = service.replica().await.unwrap();
    let admin = service.admin();
    let made = ordered(&admin, &partner.url("/")).await;
    let path = format!("{ENDPOINTS}/{}", made["id"].as_str().unwrap());
    let startups = [(); 3].map(|()| StartupId::generate(service.clock()));
    for _ in 0..4 {
        partner.reply_next(Reply::status(503));
    }
    for sequence in 1..=6 {
        if sequence == 3 {
            admin.patch(&path, json!({ "paused": true })).await.expect(200);
        }
        for startup in startups {
            happened(&service, startup, sequence).await;
        }
    }
    admin.patch(&path, json!({ "paused": false })).await.expect(200);
    let received = eventually("everything has come", async || {
        let received = partner.received();
        startups.iter().all(|startup| got(&received, *startup).contains(&6)).then_some(received)
    })
    .await;
    for startup in startups {
        let mut numbers = got(&received, startup);
        assert!(numbers.is_sorted(), "{numbers:?}");
        numbers.dedup();
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    }
    assert!(other.stop().await);
}
