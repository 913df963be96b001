//! What operators see.

use serde_json::json;
use witan_testkit::{Reply, TestService, eventually, sink};
use witan_webhooks::Webhooks;

use crate::{ENDPOINTS, delivery_in, endpoint, startup};

/// The value of a line of `/metrics` that begins with `name` and has all of `labels`.
async fn value(service: &TestService<Webhooks>, name: &str, labels: &[&str]) -> Option<f64> {
    let text = service.internal_anon().get("/metrics").await.expect(200).text;
    let line = text.lines().find(|line| {
        line.split(['{', ' ']).next() == Some(name) && labels.iter().all(|label| line.contains(label))
    })?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
async fn depth_age_results_latency_and_breakers_are_told() {
    let service = TestService::<Webhooks>::start_with(|builder| builder.env("WEBHOOKS_SCHEDULE", "1h")).await;
    let (good, bad) = (sink().await, sink().await);
    let admin = service.admin();
    let fine = endpoint(&admin, &good.url("/"), &["startup.*"]).await;
    startup(&service, service.workspace).await;
    delivery_in(&admin, &fine, "SUCCEEDED").await;
    let broken = endpoint(&admin, &bad.url("/"), &["member.*"]).await;
    bad.reply_always(Reply::status(503));
    let test = format!("{ENDPOINTS}/{}/test", broken["id"].as_str().unwrap());
    for _ in 0..5 {
        admin.post(&test, json!({})).await.expect(202);
    }
    bad.wait_for(5).await;

    let at_least = async |name: &str, labels: &[&str], least: f64| {
        eventually(&format!("{name} {labels:?}"), async || {
            value(&service, name, labels).await.is_some_and(|value| value >= least)
        })
        .await;
    };
    at_least("webhooks_pending", &["kind=\"live\"", "state=\"waiting\""], 5.0).await;
    at_least("webhooks_undelivered_oldest_seconds", &["kind=\"live\""], 0.001).await;
    at_least("webhooks_due_oldest_seconds", &["kind=\"replayed\""], 0.0).await;
    at_least("webhooks_breakers", &["state=\"open\""], 1.0).await;
    at_least("webhooks_attempts_total", &["outcome=\"REFUSED\""], 5.0).await;
    at_least("webhooks_attempt_duration_seconds_count", &["outcome=\"SUCCEEDED\""], 1.0).await;
    at_least("webhooks_arrival_delay_seconds_count", &["attempt=\"first\""], 1.0).await;
    assert_eq!(value(&service, "webhooks_pending", &["kind=\"replayed\"", "state=\"due\""]).await, Some(0.0));

    // Enabled again it begins afresh, and so does its breaker.
    let path = format!("{ENDPOINTS}/{}", broken["id"].as_str().unwrap());
    admin.patch(&path, json!({ "paused": true })).await.expect(200);
    let database = service.database().superuser().await.unwrap();
    let open = database.query_one("SELECT count(*) FROM webhooks.breakers", &[]).await.unwrap();
    assert_eq!(open.get::<_, i64>(0), 0);
}
