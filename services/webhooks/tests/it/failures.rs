//! Partners who are slow, gone, wrong or elsewhere.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use witan_events::contracts::webhooks::v1::EndpointDisabled;
use witan_testkit::{Reply, TestService, eventually, sink};
use witan_webhooks::Webhooks;

use crate::{ENDPOINTS, delivery_in, endpoint, startup, verifies, webhooks};

#[tokio::test]
async fn a_failure_is_tried_again_with_the_same_id_and_a_new_signature() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    partner.reply_next(Reply::status(500).body("not now"));
    partner.reply_next(Reply::status(302).header("location", &partner.url("/elsewhere")));
    startup(&service, service.workspace).await;
    let received = partner.wait_for(3).await;
    let delivery = delivery_in(&admin, &made, "SUCCEEDED").await;
    assert_eq!(delivery["attempts"], 3);
    for attempt in &received {
        assert_eq!(attempt.path, "/", "a redirect was followed");
        assert_eq!(
            (attempt.header("webhook-id"), &attempt.body),
            (received[0].header("webhook-id"), &received[0].body)
        );
        assert!(verifies(attempt, made["secret"].as_str().unwrap()));
    }
    let path = format!("/api/v1/webhooks/deliveries/{}", delivery["id"].as_str().unwrap());
    let log = admin.get(&path).await.expect(200).json["attemptLog"].clone();
    let column = |name: &str| log.as_array().unwrap().iter().map(|a| a[name].clone()).collect::<Vec<Value>>();
    assert_eq!(column("outcome"), [json!("REFUSED"), json!("REDIRECT"), json!("SUCCEEDED")]);
    assert_eq!(column("status"), [json!(500), json!(302), json!(204)]);
    assert_eq!(log[0]["responseBody"], "not now");
}

#[tokio::test]
async fn the_schedule_ends_and_the_answer_in_the_log_is_bounded() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    partner.reply_always(Reply::status(503).body(vec![b'x'; 10_000]));
    startup(&service, service.workspace).await;
    let delivery = delivery_in(&admin, &made, "FAILED").await;
    assert_eq!((&delivery["attempts"], &delivery["nextAttemptAt"]), (&json!(3), &Value::Null));
    let path = format!("/api/v1/webhooks/deliveries/{}", delivery["id"].as_str().unwrap());
    let first = admin.get(&path).await.expect(200).json["attemptLog"][0].clone();
    assert_eq!(first["responseBody"].as_str().unwrap().len(), 4096);
    assert_eq!(first["responseTruncated"], true);
}

#[tokio::test]
async fn a_410_disables_the_endpoint_and_says_so() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["startup.*"]).await;
    let mut published = service.events().await;
    partner.reply_next(Reply::status(410));
    startup(&service, service.workspace).await;
    let (_, disabled) = published.next::<EndpointDisabled>().await;
    assert_eq!((json!(disabled.endpoint_id), disabled.reason.as_str()), (made["id"].clone(), "GONE"));
    delivery_in(&admin, &made, "CANCELLED").await;
    let path = format!("{ENDPOINTS}/{}", made["id"].as_str().unwrap());
    let now = admin.get(&path).await.expect(200).json;
    assert_eq!((&now["state"], &now["disabledReason"]), (&json!("DISABLED"), &json!("GONE")));
    admin.post(&format!("{path}/test"), json!({})).await.expect_problem(409, "webhooks.endpoint_disabled");
    let enabled = admin.patch(&path, json!({ "paused": false })).await.expect(200).json;
    assert_eq!((&enabled["state"], &enabled["disabledReason"]), (&json!("ENABLED"), &Value::Null));
}

#[tokio::test]
async fn retry_after_is_respected() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    partner.reply_next(Reply::status(429).header("retry-after", "3600"));
    startup(&service, service.workspace).await;
    let next = eventually("a planned attempt", async || {
        let path = format!("{ENDPOINTS}/{}/deliveries", made["id"].as_str().unwrap());
        let page = admin.get(&path).await.expect(200).json;
        let delivery = page["data"].get(0)?.clone();
        (delivery["attempts"] == 1)
            .then(|| delivery["nextAttemptAt"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap())
    })
    .await;
    let wait = next - service.clock().now();
    assert!((3500..=3600).contains(&wait.num_seconds()), "{wait}");
}

#[tokio::test]
async fn a_partner_who_hangs_is_given_up_in_time_and_costs_the_others_nothing() {
    let service = TestService::<Webhooks>::start_with(|builder| {
        builder
            .env("WEBHOOKS_SCHEDULE", "1h")
            .env("WEBHOOKS_TIMEOUT", "700ms")
            .env("WEBHOOKS_WORKERS", "8")
            .env("WEBHOOKS_PER_ENDPOINT", "2")
    })
    .await;
    let (hanging, healthy) = (sink().await, sink().await);
    let admin = service.admin();
    hanging.reply_always(Reply::status(204).after(Duration::from_secs(60)));
    let slow = endpoint(&admin, &hanging.url("/"), &["*"]).await;
    endpoint(&admin, &healthy.url("/"), &["*"]).await;
    for _ in 0..12 {
        startup(&service, service.workspace).await;
    }
    healthy.wait_for(12).await;
    assert!(hanging.received().len() <= 10, "its share is two at a time");
    let path = format!("{ENDPOINTS}/{}", slow["id"].as_str().unwrap());
    eventually("the breaker opens", async || {
        admin.get(&path).await.expect(200).json["suspendedUntil"].is_string()
    })
    .await;
    let page = admin.get(&format!("{path}/deliveries")).await.expect(200).json;
    assert!(page["data"].as_array().unwrap().iter().any(|delivery| delivery["lastOutcome"] == "TIMEOUT"));
    // While it is open nothing is sent, and nothing is lost.
    assert!(hanging.received().len() < 12);
    assert_eq!(page["data"].as_array().unwrap().len(), 12);
}

/// The URL was fine when it was saved; the operator's rule has changed since, as a name's address might.
#[tokio::test]
async fn a_private_address_is_refused_when_it_is_called_too() {
    let partner = sink().await;
    let mut service = webhooks().await;
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    let path = format!("{ENDPOINTS}/{}/test", made["id"].as_str().unwrap());
    assert!(service.halt().await);
    service.set_env("EGRESS_ALLOW_PRIVATE", "false");
    service.resume().await.unwrap();
    let admin = service.person(admin.user.unwrap(), None).in_workspace(service.workspace);
    admin.post(&path, json!({})).await.expect(202);
    let delivery = delivery_in(&admin, &made, "FAILED").await;
    assert_eq!((&delivery["lastOutcome"], &delivery["lastStatus"]), (&json!("BLOCKED"), &Value::Null));
    assert!(partner.received().is_empty());
}
