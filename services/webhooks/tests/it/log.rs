//! What was sent, read and sent again.

use std::time::Duration;

use serde_json::{Value, json};
use witan_clock::ManualClock;
use witan_ids::AttemptId;
use witan_testkit::{Client, Reply, eventually, sink};

use crate::{ENDPOINTS, delivery_in, endpoint, startup, verifies, webhooks};

#[tokio::test]
async fn a_resend_sends_the_same_message_once_more() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    startup(&service, service.workspace).await;
    let delivery = delivery_in(&admin, &made, "SUCCEEDED").await;
    let path = format!("/api/v1/webhooks/deliveries/{}", delivery["id"].as_str().unwrap());
    let resent = admin.post(&format!("{path}/resend"), json!({})).await.expect(202);
    assert_eq!((resent.json["state"].as_str(), resent.header("location")), (Some("PENDING"), path.as_str()));
    let received = partner.wait_for(2).await;
    assert_eq!(received[0].body, received[1].body);
    assert_eq!(received[0].header("webhook-id"), received[1].header("webhook-id"));
    let again = delivery_in(&admin, &made, "SUCCEEDED").await;
    assert_eq!(again["attempts"], 2);
}

/// What was on its way when it was sent again is written down as well, and nobody's number is given twice.
#[tokio::test]
async fn attempts_at_once_have_numbers_of_their_own_and_go_with_their_endpoint() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    let kept = endpoint(&admin, &partner.url("/kept"), &["startup.*"]).await;
    startup(&service, service.workspace).await;
    let delivery = delivery_in(&admin, &made, "SUCCEEDED").await;
    delivery_in(&admin, &kept, "SUCCEEDED").await;
    let path = format!("/api/v1/webhooks/deliveries/{}", delivery["id"].as_str().unwrap());
    partner.reply_always(Reply::status(204).after(Duration::from_millis(500)));
    for _ in 0..3 {
        admin.post(&format!("{path}/resend"), json!({})).await.expect(202);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let log = eventually("every attempt is written down", async || {
        let log = admin.get(&path).await.expect(200).json;
        (log["attempts"].as_i64().unwrap() >= i64::try_from(partner.received().len()).unwrap() - 1
            && log["state"] == "SUCCEEDED")
            .then_some(log)
    })
    .await;
    let numbers: Vec<i64> = log["attemptLog"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| attempt["number"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=log["attempts"].as_i64().unwrap()).collect::<Vec<_>>());

    let attempts = "SELECT count(*) FROM webhooks.attempts";
    let database = service.database().superuser().await.unwrap();
    admin.delete(&format!("{ENDPOINTS}/{}", made["id"].as_str().unwrap())).await.expect(204);
    assert_eq!(database.query_one(attempts, &[]).await.unwrap().get::<_, i64>(0), 1, "the other one's");
}

#[tokio::test]
async fn a_resend_replaces_the_attempt_that_was_planned() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    partner.reply_next(Reply::status(503).header("retry-after", "2"));
    startup(&service, service.workspace).await;
    partner.wait_for(1).await;
    let path = format!("{ENDPOINTS}/{}/deliveries", made["id"].as_str().unwrap());
    let id = eventually("the failure in the log", async || {
        let page = admin.get(&path).await.expect(200).json;
        (page["data"][0]["attempts"] == 1).then(|| page["data"][0]["id"].as_str().unwrap().to_owned())
    })
    .await;
    admin.post(&format!("/api/v1/webhooks/deliveries/{id}/resend"), json!({})).await.expect(202);
    delivery_in(&admin, &made, "SUCCEEDED").await;
    // Until the outdated job has come and gone: nothing is left to do.
    let database = service.database().superuser().await.unwrap();
    eventually("no job is left", async || {
        let row = database.query_one("SELECT count(*) FROM webhooks.jobs", &[]).await.unwrap();
        row.get::<_, i64>(0) == 0
    })
    .await;
    assert_eq!(partner.received().len(), 2);
}

#[tokio::test]
async fn deliveries_are_filtered_and_paged() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["startup.*"]).await;
    partner.reply_next(Reply::status(410));
    startup(&service, service.workspace).await;
    delivery_in(&admin, &made, "CANCELLED").await;
    let path = format!("{ENDPOINTS}/{}", made["id"].as_str().unwrap());
    admin.patch(&path, json!({ "paused": false })).await.expect(200);
    for _ in 0..2 {
        admin.post(&format!("{path}/test"), json!({})).await.expect(202);
    }
    partner.wait_for(3).await;
    let count = async |query: &str| {
        let page = admin.get(&format!("{path}/deliveries?{query}")).await.expect(200).json;
        page["data"].as_array().unwrap().len()
    };
    assert_eq!(count("").await, 3);
    assert_eq!(count("state=CANCELLED").await, 1);
    assert_eq!(count("eventType=webhook.test").await, 2);
    assert_eq!(count("since=2099-01-01T00:00:00Z").await, 0);
    assert_eq!(count("until=2099-01-01T00:00:00Z&eventType=startup.created").await, 1);
    let first = admin.get(&format!("{path}/deliveries?limit=2")).await.expect(200);
    let next = format!("{path}/deliveries?limit=2&cursor={}", first.text_at("/nextCursor"));
    assert_eq!(admin.get(&next).await.expect(200).json["data"].as_array().unwrap().len(), 1);
    let other = format!("{path}/deliveries?state=FAILED&cursor={}", first.text_at("/nextCursor"));
    admin.get(&other).await.expect_problem(400, "request.cursor_invalid");
    admin.get(&format!("{path}/deliveries?state=SENT")).await.expect_problem(400, "request.query_invalid");
}

#[tokio::test]
async fn a_test_event_takes_the_same_way() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["agent.*"]).await;
    let path = format!("{ENDPOINTS}/{}/test", made["id"].as_str().unwrap());
    let sent = admin.post(&path, json!({})).await.expect(202);
    let received = partner.wait_for(1).await;
    assert!(verifies(&received[0], made["secret"].as_str().unwrap()));
    assert_eq!(received[0].json()["type"], "webhook.test");
    assert_eq!(
        sent.header("location"),
        format!("/api/v1/webhooks/deliveries/{}", sent.text_at("/deliveryId"))
    );

    admin.post(&path, json!({ "eventType": "startup.created" })).await.expect(202);
    let received = partner.wait_for(2).await;
    assert_eq!(received[1].json()["type"], "startup.created");
    admin
        .post(&path, json!({ "eventType": "session.started" }))
        .await
        .expect_problem(422, "validation.failed");
}

/// One page's deliveries or attempts: the values of a member.
async fn column(person: &Client, path: &str, member: &str) -> Vec<Value> {
    let page = person.get(path).await.expect(200).json;
    page["data"].as_array().unwrap().iter().map(|row| row[member].clone()).collect()
}

#[tokio::test]
async fn the_whole_workspaces_log_is_filtered_and_paged() {
    let (service, partner, other) = (webhooks().await, sink().await, sink().await);
    let admin = service.admin();
    let one = endpoint(&admin, &partner.url("/"), &["startup.*"]).await;
    let two = endpoint(&admin, &other.url("/"), &["startup.*"]).await;
    partner.reply_next(Reply::status(503));
    other.reply_next(Reply::status(410));
    let event = startup(&service, service.workspace).await;
    delivery_in(&admin, &one, "SUCCEEDED").await;
    delivery_in(&admin, &two, "CANCELLED").await;
    let test = format!("{ENDPOINTS}/{}/test", one["id"].as_str().unwrap());
    admin.post(&test, json!({})).await.expect(202);
    partner.wait_for(3).await;
    let all = "/api/v1/webhooks/deliveries";
    eventually("two that arrived", async || {
        (column(&admin, &format!("{all}?state=SUCCEEDED"), "id").await.len() == 2).then_some(())
    })
    .await;

    assert_eq!(
        column(&admin, all, "eventType").await,
        ["webhook.test", "startup.created", "startup.created"]
    );
    let of_event = column(&admin, &format!("{all}?messageId={}", event.id), "endpointId").await;
    assert!(of_event.len() == 2 && of_event.contains(&one["id"]) && of_event.contains(&two["id"]));
    let two_id = two["id"].as_str().unwrap();
    assert_eq!(column(&admin, &format!("{all}?endpointId={two_id}"), "state").await, ["CANCELLED"]);
    assert_eq!(column(&admin, &format!("{all}?state=CANCELLED"), "endpointId").await, [two_id]);
    assert_eq!(column(&admin, &format!("{all}?eventType=webhook.test"), "state").await, ["SUCCEEDED"]);
    assert!(column(&admin, &format!("{all}?since=2099-01-01T00:00:00Z"), "id").await.is_empty());
    assert!(column(&admin, &format!("{all}?until=2020-01-01T00:00:00Z"), "id").await.is_empty());
    let first = admin.get(&format!("{all}?limit=2&until=2099-01-01T00:00:00Z")).await.expect(200);
    let cursor = first.text_at("/nextCursor");
    let next = format!("{all}?limit=2&until=2099-01-01T00:00:00Z&cursor={cursor}");
    assert_eq!(column(&admin, &next, "id").await.len(), 1);
    admin.get(&format!("{all}?cursor={cursor}")).await.expect_problem(400, "request.cursor_invalid");
    assert!(column(&service.other_workspace(), all, "id").await.is_empty());
}

#[tokio::test]
async fn attempts_are_found_by_what_they_came_to() {
    let (service, partner, other) = (webhooks().await, sink().await, sink().await);
    let admin = service.admin();
    let one = endpoint(&admin, &partner.url("/"), &["startup.*"]).await;
    let two = endpoint(&admin, &other.url("/"), &["startup.*"]).await;
    partner.reply_next(Reply::status(503));
    other.reply_next(Reply::status(410));
    startup(&service, service.workspace).await;
    let delivered = delivery_in(&admin, &one, "SUCCEEDED").await;
    delivery_in(&admin, &two, "CANCELLED").await;

    let all = "/api/v1/webhooks/attempts";
    assert_eq!(column(&admin, all, "eventType").await, ["startup.created"; 3]);
    let by = async |query: &str| column(&admin, &format!("{all}?{query}"), "status").await;
    assert_eq!(by(&format!("endpointId={}", one["id"].as_str().unwrap())).await, [204, 503]);
    assert_eq!(by("outcome=GONE").await, [410]);
    assert_eq!(by("outcome=SUCCEEDED").await, [204]);
    assert_eq!((by("status=5").await, by("status=503").await), (vec![json!(503)], vec![json!(503)]));
    assert_eq!((by("status=2").await, by("status=4").await), (vec![json!(204)], vec![json!(410)]));
    assert_eq!(by("outcome=GONE&status=5").await, Vec::<Value>::new());
    assert_eq!(by("eventType=webhook.test").await, Vec::<Value>::new());
    assert_eq!(by("eventType=startup.created&since=2020-01-01T00:00:00Z").await.len(), 3);
    assert_eq!(by("until=2020-01-01T00:00:00Z").await, Vec::<Value>::new());
    let of_delivery = column(&admin, &format!("{all}?outcome=SUCCEEDED"), "deliveryId").await;
    assert_eq!(of_delivery, [delivered["id"].clone()]);
    let cursor = admin.get(&format!("{all}?limit=2")).await.expect(200).text_at("/nextCursor");
    assert_eq!(by(&format!("limit=2&cursor={cursor}")).await.len(), 1);
    admin.get(&format!("{all}?status=77")).await.expect_problem(400, "request.query_invalid");
    admin.get(&format!("{all}?outcome=LOST")).await.expect_problem(400, "request.query_invalid");
    assert!(column(&service.other_workspace(), all, "id").await.is_empty());
}

/// Pages go on behind a gap of days, and each attempt is on one of them.
#[tokio::test]
async fn attempts_of_long_ago_follow_those_of_today() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["startup.*"]).await;
    startup(&service, service.workspace).await;
    delivery_in(&admin, &made, "SUCCEEDED").await;
    let database = service.database().superuser().await.unwrap();
    for ago in [10, 11, 20, 29] {
        let time = ManualClock::at(service.clock().now() - Duration::from_secs(ago * 24 * 3600));
        let old = format!(
            "INSERT INTO webhooks.attempts SELECT workspace_id, '{}', delivery_id, number + {ago}, '{}', duration_ms, outcome, status,
             response_body, truncated, next_attempt_at, endpoint_id, event_type FROM webhooks.attempts WHERE number = 1",
            AttemptId::generate(&time.clock()).uuid(),
            time.clock().now(),
        );
        assert_eq!(database.execute(old.as_str(), &[]).await.unwrap(), 1);
    }
    let all = "/api/v1/webhooks/attempts";
    let numbers = column(&admin, all, "number").await;
    assert_eq!(numbers, [1, 11, 12, 21, 30]);
    for limit in 1..=4 {
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = admin.get(&format!("{all}?limit={limit}{cursor}")).await.expect(200).json;
            paged.extend(page["data"].as_array().unwrap().iter().map(|row| row["number"].clone()));
            let Some(next) = page["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(paged, numbers, "{limit} a page");
    }
    let week = service.clock().now() - Duration::from_secs(15 * 24 * 3600);
    assert_eq!(column(&admin, &format!("{all}?until={}", week.format("%FT%TZ")), "number").await, [21, 30]);
}
