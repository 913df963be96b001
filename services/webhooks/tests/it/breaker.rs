//! Endpoints that are spared after failures in a row, and the connections that deliveries share.

use std::collections::HashSet;
use std::time::Duration;

use chrono::DateTime;
use serde_json::{Value, json};
use witan_clock::ManualClock;
use witan_testkit::{Client, Reply, TestService, eventually, sink};
use witan_webhooks::Webhooks;

use crate::{ENDPOINTS, delivery_in, endpoint, startup, webhooks};

/// As SQL has it.
const OPEN: &str = "the endpoint''s breaker is open";

async fn service(time: &ManualClock) -> TestService<Webhooks> {
    let set = |builder: witan_testkit::Builder| builder.clock(time.clock()).env("WEBHOOKS_SCHEDULE", "24h");
    TestService::start_with(set).await
}

/// Until so many jobs wait for the breaker, and nobody is at work but `running`.
async fn held_up(service: &TestService<Webhooks>, waiting: i64, running: i64) {
    let database = service.database().superuser().await.unwrap();
    let time = service.clock().now();
    eventually(&format!("{waiting} that wait, {running} on their way"), async || {
        let query = format!(
            "SELECT count(*) FILTER (WHERE state = 'ready' AND last_error = '{OPEN}' AND run_at > '{time}'),
                count(*) FILTER (WHERE state = 'running') FROM webhooks.jobs"
        );
        let row = database.query_one(query.as_str(), &[]).await.unwrap();
        (row.get::<_, i64>(0), row.get::<_, i64>(1)) == (waiting, running)
    })
    .await;
}

async fn read(person: &Client, endpoint: &Value) -> Value {
    person.get(&format!("{ENDPOINTS}/{}", endpoint["id"].as_str().unwrap())).await.expect(200).json
}

#[tokio::test]
async fn it_outlives_a_restart_and_lets_one_through_over_all_processes() {
    let time = ManualClock::at(DateTime::from_timestamp(1_900_000_000, 0).unwrap());
    let (mut service, partner) = (service(&time).await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    for _ in 0..5 {
        partner.reply_next(Reply::status(503));
        startup(&service, service.workspace).await;
    }
    eventually("it is open", async || read(&admin, &made).await["suspendedUntil"].is_string()).await;
    assert_eq!(read(&admin, &made).await["consecutiveFailures"], 5);
    for _ in 0..4 {
        startup(&service, service.workspace).await;
    }
    held_up(&service, 4, 0).await;
    assert!(service.halt().await);
    service.resume().await.unwrap();
    let admin = service.person(admin.user.unwrap(), None).in_workspace(service.workspace);
    let other = service.replica().await.unwrap();
    held_up(&service, 4, 0).await;
    assert_eq!(partner.received().len(), 5);

    // Its time is up for all of them at once, in both processes; one finds out.
    partner.reply_next(Reply::status(503).after(Duration::from_secs(3)));
    time.advance(Duration::from_secs(32));
    held_up(&service, 3, 1).await;
    assert_eq!(partner.received().len(), 6);
    eventually("it is noted", async || read(&admin, &made).await["consecutiveFailures"] == 6).await;

    // A probe that succeeds closes it.
    time.advance(Duration::from_secs(65));
    eventually("all have come", async || {
        time.advance(Duration::from_secs(31));
        partner.received().len() == 9
    })
    .await;
    // The other token's time is over.
    let admin = service.person(admin.user.unwrap(), None).in_workspace(service.workspace);
    eventually("it is closed", async || {
        let now = read(&admin, &made).await;
        now["consecutiveFailures"] == 0 && now["suspendedUntil"].is_null()
    })
    .await;
    assert!(other.stop().await);
}

#[tokio::test]
async fn deliveries_to_one_host_share_a_connection() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let [one, other] = ["/one", "/other"].map(|path| partner.url(path));
    let made = [endpoint(&admin, &one, &["*"]).await, endpoint(&admin, &other, &["agent.*"]).await];
    for sent in 1..=4 {
        // What was refused leaves the connection as it was.
        partner.reply_next(Reply::status(if sent == 2 { 503 } else { 200 }).body("read to its end"));
        startup(&service, service.workspace).await;
        partner.wait_for(if sent < 2 { sent } else { sent + 1 }).await;
        let path = format!("{ENDPOINTS}/{}/deliveries?state=PENDING", made[0]["id"].as_str().unwrap());
        eventually("it is written down", async || {
            admin.get(&path).await.expect(200).json["data"] == json!([])
        })
        .await;
    }
    let test = format!("{ENDPOINTS}/{}/test", made[1]["id"].as_str().unwrap());
    admin.post(&test, json!({})).await.expect(202);
    delivery_in(&admin, &made[1], "SUCCEEDED").await;
    let received = partner.wait_for(6).await;
    let connections: HashSet<_> = received.iter().map(|request| request.peer).collect();
    assert_eq!(connections.len(), 1, "{connections:?}");
}

#[tokio::test]
async fn an_answer_that_is_no_text_is_kept_to_its_size_too() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    partner.reply_next(Reply::status(200).body([b"\0ok".to_vec(), vec![0xff; 9000]].concat()));
    startup(&service, service.workspace).await;
    let delivery = delivery_in(&admin, &made, "SUCCEEDED").await;
    let path = format!("/api/v1/webhooks/deliveries/{}", delivery["id"].as_str().unwrap());
    let log = admin.get(&path).await.expect(200).json["attemptLog"][0].clone();
    let kept = log["responseBody"].as_str().unwrap();
    assert!(kept.starts_with("\u{fffd}ok\u{fffd}") && kept.len() <= 4096, "{}", kept.len());
    assert_eq!(log["responseTruncated"], true);
}
