//! What an endpoint takes at most.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use witan_clock::ManualClock;
use witan_testkit::{Client, Reply, TestService, eventually, sink};
use witan_webhooks::Webhooks;

use crate::{ENDPOINTS, delivery_in, startup, webhooks};

async fn limited(person: &Client, url: &str, limits: Value) -> Value {
    let mut wish = json!({ "url": url, "events": ["*"] });
    wish.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
    person.post(ENDPOINTS, wish).await.expect(201).json
}

/// Until so many jobs wait for something that is said so.
async fn deferred(service: &TestService<Webhooks>, count: i64, why: &str) {
    let database = service.database().superuser().await.unwrap();
    eventually(&format!("{count} that wait: {why}"), async || {
        let query = "SELECT count(*) FROM webhooks.jobs WHERE state = 'ready' AND last_error = $1";
        database.query_one(query, &[&why]).await.unwrap().get::<_, i64>(0) == count
    })
    .await;
}

const RATE: &str = "the endpoint's rate";
const BUSY: &str = "as many are on their way as the endpoint wants";

#[tokio::test]
async fn a_second_has_so_many_requests_and_the_others_come_later_over_all_processes() {
    let time = ManualClock::at(DateTime::from_timestamp(1_900_000_000, 300_000_000).unwrap());
    let service = TestService::<Webhooks>::start_with(|builder| builder.clock(time.clock())).await;
    let other = service.replica().await.unwrap();
    let partner = sink().await;
    let admin = service.admin();
    let made = limited(&admin, &partner.url("/"), json!({ "rateLimit": 2 })).await;
    for _ in 0..5 {
        startup(&service, service.workspace).await;
    }
    for (sent, wait) in [(2, 3), (4, 1), (5, 0)] {
        partner.wait_for(sent).await;
        deferred(&service, wait, RATE).await;
        assert_eq!(partner.received().len(), sent);
        time.advance(Duration::from_secs(1));
    }
    let path = format!("{ENDPOINTS}/{}/deliveries", made["id"].as_str().unwrap());
    eventually("all are written down", async || {
        let page = admin.get(&path).await.expect(200).json;
        page["data"].as_array().unwrap().iter().all(|one| one["state"] == "SUCCEEDED" && one["attempts"] == 1)
    })
    .await;
    assert!(other.stop().await);
}

#[tokio::test]
async fn so_many_are_on_their_way_over_all_processes() {
    let (service, partner) = (webhooks().await, sink().await);
    let other = service.replica().await.unwrap();
    let admin = service.admin();
    let made = limited(&admin, &partner.url("/"), json!({ "maxConcurrency": 1 })).await;
    partner.reply_next(Reply::status(204).after(Duration::from_secs(3)));
    for _ in 0..3 {
        startup(&service, service.workspace).await;
    }
    deferred(&service, 2, BUSY).await;
    assert_eq!(partner.received().len(), 1);
    partner.wait_for(3).await;
    delivery_in(&admin, &made, "SUCCEEDED").await;
    assert!(other.stop().await);
}

#[tokio::test]
async fn who_died_on_the_way_counts_for_a_while_only() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = limited(&admin, &partner.url("/"), json!({ "maxConcurrency": 1 })).await;
    startup(&service, service.workspace).await;
    let first = delivery_in(&admin, &made, "SUCCEEDED").await;
    let database = service.database().superuser().await.unwrap();
    let until = async |time: DateTime<Utc>| {
        let query =
            format!("UPDATE webhooks.deliveries SET sending_until = '{time}' WHERE state = 'SUCCEEDED'");
        assert_eq!(database.execute(query.as_str(), &[]).await.unwrap(), 1, "{first}");
    };
    until(service.clock().now() + Duration::from_secs(60)).await;
    startup(&service, service.workspace).await;
    deferred(&service, 1, BUSY).await;
    assert_eq!(partner.received().len(), 1);
    until(service.clock().now()).await;
    partner.wait_for(2).await;
}

#[tokio::test]
async fn an_endpoint_has_its_own_patience() {
    let service = TestService::<Webhooks>::start_with(|builder| builder.env("WEBHOOKS_SCHEDULE", "1h")).await;
    let partner = sink().await;
    let admin = service.admin();
    let made = limited(&admin, &partner.url("/"), json!({ "timeoutSeconds": 1 })).await;
    partner.reply_next(Reply::status(204).after(Duration::from_secs(60)));
    startup(&service, service.workspace).await;
    let path = format!("{ENDPOINTS}/{}/deliveries", made["id"].as_str().unwrap());
    eventually("it is given up", async || {
        admin.get(&path).await.expect(200).json["data"][0]["lastOutcome"] == "TIMEOUT"
    })
    .await;
}

#[tokio::test]
async fn limits_have_limits_and_are_taken_away_with_null() {
    let service = webhooks().await;
    let admin = service.admin();
    let url = "http://127.0.0.1:8080/";
    for wrong in [
        json!({ "rateLimit": 0 }),
        json!({ "rateLimit": 1001 }),
        json!({ "maxConcurrency": 0 }),
        json!({ "maxConcurrency": 9 }),
        json!({ "maxConcurrency": 33 }),
        json!({ "timeoutSeconds": 0 }),
        json!({ "timeoutSeconds": 31 }),
        json!({ "retrySchedule": vec![5; 51] }),
    ] {
        let mut wish = json!({ "url": url, "events": ["*"] });
        wish.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let refused = admin.post(ENDPOINTS, wish).await.expect_problem(422, "validation.failed");
        let named = wrong.as_object().unwrap().keys().next().unwrap();
        assert_eq!(refused.json["errors"][0]["pointer"], format!("/{named}"), "{wrong}");
    }
    for wrong in [0, 604_801] {
        let wish = json!({ "url": url, "events": ["*"], "retrySchedule": [5, wrong] });
        let refused = admin.post(ENDPOINTS, wish).await.expect_problem(422, "validation.failed");
        assert_eq!(refused.json["errors"][0]["pointer"], "/retrySchedule/1");
    }
    let limits = json!({ "rateLimit": 5, "maxConcurrency": 8, "timeoutSeconds": 30 });
    let made = limited(&admin, url, limits.clone()).await;
    let path = format!("{ENDPOINTS}/{}", made["id"].as_str().unwrap());
    admin.patch(&path, json!({ "maxConcurrency": 9 })).await.expect_problem(422, "validation.failed");
    let kept = admin.patch(&path, json!({ "rateLimit": 7 })).await.expect(200).json;
    assert_eq!([&kept["rateLimit"], &kept["maxConcurrency"], &kept["timeoutSeconds"]], [7, 8, 30]);
    let patient = admin.patch(&path, json!({ "retrySchedule": [60, 604_800] })).await.expect(200).json;
    assert_eq!(patient["retrySchedule"], json!([60, 604_800]));
    let nothing =
        json!({ "rateLimit": null, "maxConcurrency": null, "timeoutSeconds": null, "retrySchedule": null });
    let free = admin.patch(&path, nothing).await.expect(200).json;
    for name in ["rateLimit", "maxConcurrency", "timeoutSeconds", "retrySchedule"] {
        assert_eq!(free[name], Value::Null);
    }
}

/// The installation's has one retry after an hour; theirs are none, and two of a second.
#[tokio::test]
async fn an_endpoint_has_its_own_schedule() {
    let service = TestService::<Webhooks>::start_with(|builder| builder.env("WEBHOOKS_SCHEDULE", "1h")).await;
    let partner = sink().await;
    partner.reply_always(Reply::status(500));
    let admin = service.admin();
    let once = limited(&admin, &partner.url("/once"), json!({ "retrySchedule": [] })).await;
    let thrice = limited(&admin, &partner.url("/thrice"), json!({ "retrySchedule": [1, 1] })).await;
    let usual = limited(&admin, &partner.url("/usual"), json!({})).await;
    startup(&service, service.workspace).await;
    delivery_in(&admin, &once, "FAILED").await;
    delivery_in(&admin, &thrice, "FAILED").await;
    delivery_in(&admin, &usual, "PENDING").await;
    let to = |path: &str| partner.received().iter().filter(|one| one.path == path).count();
    eventually("each was tried as often as its schedule says", async || {
        [to("/once"), to("/thrice"), to("/usual")] == [1, 3, 1]
    })
    .await;
}
