//! Partners who fetch their events.

use futures_util::future::join_all;
use serde_json::{Value, json};
use witan_events::contracts::webhooks::v1::DeliveriesCounted;
use witan_ids::{DeliveryId, EndpointId, EventId};
use witan_testkit::{Answer, Client, Reply, TestService, eventually, sink};
use witan_webhooks::Webhooks;

use crate::{ENDPOINTS, delivery_in, endpoint, startup, webhooks};

async fn pulling(person: &Client) -> Value {
    let wish = json!({ "mode": "PULL", "events": ["startup.*"] });
    person.post(ENDPOINTS, wish).await.expect(201).json
}

fn path(endpoint: &Value, operation: &str) -> String {
    format!("{ENDPOINTS}/{}/{operation}", endpoint["id"].as_str().unwrap())
}

/// What waits, once it is so many events.
async fn waiting(person: &Client, endpoint: &Value, count: usize) -> Answer {
    eventually(&format!("{count} events that wait"), async || {
        let answer = person.get(&path(endpoint, "events")).await.expect(200);
        (answer.json["data"].as_array().unwrap().len() == count).then_some(answer)
    })
    .await
}

fn ids(answer: &Answer) -> Vec<String> {
    answer.json["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn acknowledge(person: &Client, endpoint: &Value, through: &str) -> i64 {
    let body = json!({ "through": through });
    let answer = person.post(&path(endpoint, "events/acknowledge"), body).await.expect(200);
    answer.json["acknowledged"].as_i64().unwrap()
}

#[tokio::test]
async fn events_wait_until_they_are_acknowledged_and_are_what_would_be_sent() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = pulling(&admin).await;
    assert_eq!((&made["mode"], &made["url"], &made["secret"]), (&json!("PULL"), &Value::Null, &Value::Null));
    endpoint(&admin, &partner.url("/"), &["startup.*"]).await;
    let mut published = service.events().await;
    let mut events = Vec::new();
    for count in 1..=3 {
        events.push(startup(&service, service.workspace).await.id.to_string());
        waiting(&admin, &made, count).await;
    }
    let all = waiting(&admin, &made, 3).await;
    assert_eq!((ids(&all), &all.json["hasMore"]), (events.clone(), &json!(false)));
    for sent in partner.wait_for(3).await {
        assert!(all.text.contains(std::str::from_utf8(&sent.body).unwrap()), "byte for byte");
    }

    let first = admin.get(&path(&made, "events?limit=2")).await.expect(200);
    assert_eq!((ids(&first), &first.json["hasMore"]), (events[..2].to_vec(), &json!(true)));
    let through = first.text_at("/through");
    let further = admin.get(&path(&made, &format!("events?limit=2&after={through}"))).await.expect(200);
    assert_eq!((ids(&further), &further.json["hasMore"]), (events[2..].to_vec(), &json!(false)));
    assert_eq!(ids(&waiting(&admin, &made, 3).await), events, "nothing is lost by looking");

    assert_eq!(acknowledge(&admin, &made, &through).await, 2);
    assert_eq!(acknowledge(&admin, &made, &through).await, 0);
    assert_eq!(ids(&waiting(&admin, &made, 1).await), events[2..]);
    assert_eq!(acknowledge(&admin, &made, &further.text_at("/through")).await, 1);
    let none = waiting(&admin, &made, 0).await;
    assert_eq!((&none.json["through"], &none.json["hasMore"]), (&Value::Null, &json!(false)));
    delivery_in(&admin, &made, "SUCCEEDED").await;
    let mut counted = 0;
    while counted < 6 {
        counted += published.next::<DeliveriesCounted>().await.1.deliveries;
    }
    assert_eq!(counted, 6);
}

#[tokio::test]
async fn a_transaction_that_commits_late_is_not_passed_by() {
    let service = webhooks().await;
    let admin = service.admin();
    let made = pulling(&admin).await;
    let mut database = service.database().superuser().await.unwrap();
    let watcher = service.database().superuser().await.unwrap();
    // What the service does with an event, up to the commit.
    let tx = database.transaction().await.unwrap();
    let message = EventId::generate(service.clock());
    let uuid = |id: uuid::Uuid| id.to_string();
    let endpoint: EndpointId = made["id"].as_str().unwrap().parse().unwrap();
    let (workspace, endpoint) = (uuid(service.workspace.uuid()), uuid(endpoint.uuid()));
    let place = "UPDATE webhooks.endpoints SET pull_position = pull_position + 1
        WHERE workspace_id = $1::text::uuid AND id = $2::text::uuid RETURNING pull_position";
    let place: i64 = tx.query_one(place, &[&workspace, &endpoint]).await.unwrap().get(0);
    let insert = "INSERT INTO webhooks.messages
        SELECT $1::text::uuid, $2::text::uuid, 'startup.created', 'late', convert_to($3, 'UTF8'), now(), now()";
    let body = json!({ "id": message }).to_string();
    tx.execute(insert, &[&workspace, &uuid(message.uuid()), &body]).await.unwrap();
    let insert = "INSERT INTO webhooks.deliveries
        (workspace_id, id, endpoint_id, message_id, event_type, state, created_at, pull_position)
        SELECT $1::text::uuid, $2::text::uuid, $3::text::uuid, $4::text::uuid, 'startup.created', 'HELD', now(), $5";
    let delivery = uuid(DeliveryId::generate(service.clock()).uuid());
    tx.execute(insert, &[&workspace, &delivery, &endpoint, &uuid(message.uuid()), &place]).await.unwrap();

    let event = startup(&service, service.workspace).await;
    let blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted
        AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())";
    eventually("the event waits for the other", async || {
        watcher.query_one(blocked, &[]).await.unwrap().get::<_, i64>(0) > 0
    })
    .await;
    assert!(ids(&admin.get(&path(&made, "events")).await.expect(200)).is_empty());
    tx.commit().await.unwrap();
    let both = waiting(&admin, &made, 2).await;
    assert_eq!(ids(&both), [message.to_string(), event.id.to_string()]);
}

#[tokio::test]
async fn what_a_paused_or_disabled_endpoint_missed_can_be_fetched_instead() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["startup.*"]).await;
    admin.get(&path(&made, "events")).await.expect_problem(409, "webhooks.endpoint_pushes");
    let own = path(&made, "").trim_end_matches('/').to_owned();
    admin.patch(&own, json!({ "paused": true })).await.expect(200);
    let fetched = startup(&service, service.workspace).await;
    let through = waiting(&admin, &made, 1).await.text_at("/through");
    let sent = startup(&service, service.workspace).await;
    waiting(&admin, &made, 2).await;
    assert_eq!(acknowledge(&admin, &made, &through).await, 1);
    admin.patch(&own, json!({ "paused": false })).await.expect(200);
    let received = partner.wait_for(1).await;
    assert_eq!(received[0].header("webhook-id"), sent.id.to_string());
    let wish = json!({ "through": through });
    admin
        .post(&path(&made, "events/acknowledge"), wish)
        .await
        .expect_problem(409, "webhooks.endpoint_pushes");

    partner.reply_next(Reply::status(410));
    let gone = startup(&service, service.workspace).await;
    delivery_in(&admin, &made, "CANCELLED").await;
    let missed = startup(&service, service.workspace).await;
    let rest = waiting(&admin, &made, 2).await;
    assert_eq!(ids(&rest), [gone.id.to_string(), missed.id.to_string()]);
    assert_eq!(acknowledge(&admin, &made, &rest.text_at("/through")).await, 2);
    admin.patch(&own, json!({ "paused": false })).await.expect(200);
    let recovered = json!({ "since": "2026-01-01T00:00:00Z" });
    let recovered = admin.post(&path(&made, "recover"), recovered).await.expect(202);
    assert_eq!(recovered.json["total"], 0, "{}", fetched.id);
}

#[tokio::test]
async fn resends_and_tests_of_what_is_fetched_wait_too_and_two_who_acknowledge_settle_once() {
    let service = webhooks().await;
    let admin = service.admin();
    let made = pulling(&admin).await;
    for count in 1..=5 {
        startup(&service, service.workspace).await;
        waiting(&admin, &made, count).await;
    }
    let through = waiting(&admin, &made, 5).await.text_at("/through");
    let settled = join_all((0..4).map(|_| acknowledge(&admin, &made, &through))).await;
    assert_eq!(settled.iter().sum::<i64>(), 5);

    let delivery = delivery_in(&admin, &made, "SUCCEEDED").await;
    let resend = format!("/api/v1/webhooks/deliveries/{}/resend", delivery["id"].as_str().unwrap());
    admin.post(&resend, json!({})).await.expect(202);
    let again = waiting(&admin, &made, 1).await;
    assert_eq!(ids(&again), [delivery["eventId"].as_str().unwrap()]);
    admin.post(&path(&made, "test"), json!({})).await.expect(202);
    let both = waiting(&admin, &made, 2).await;
    assert_eq!(both.json["data"][1]["type"], "webhook.test");
    assert_eq!(acknowledge(&admin, &made, &both.text_at("/through")).await, 2);
    let replay = admin.post(&path(&made, "replay"), json!({ "since": "2026-01-01T00:00:00Z" })).await;
    assert_eq!(replay.expect(202).json["total"], 5);
    waiting(&admin, &made, 5).await;
}

/// Asks what concerns sending of an endpoint that is fetched from.
async fn refusals(service: &TestService<Webhooks>, made: &Value) {
    let admin = service.admin();
    let own = path(made, "").trim_end_matches('/').to_owned();
    for change in
        [json!({ "url": "http://127.0.0.1:8080/" }), json!({ "paused": true }), json!({ "ordered": true })]
    {
        admin.patch(&own, change).await.expect_problem(409, "webhooks.endpoint_pulls");
    }
    for operation in ["verify", "regenerate-secret"] {
        admin.post(&path(made, operation), json!({})).await.expect_problem(409, "webhooks.endpoint_pulls");
    }
    assert_eq!(admin.get(&own).await.expect(200).json["updatedAt"], made["updatedAt"]);
    admin.patch(&own, json!({ "description": "Fetched" })).await.expect(200);
}

#[tokio::test]
async fn nothing_is_said_of_sending_where_nothing_is_sent() {
    let service = webhooks().await;
    let admin = service.admin();
    for wish in [
        json!({ "mode": "PULL", "events": ["*"], "url": "http://127.0.0.1:8080/" }),
        json!({ "mode": "PULL", "events": ["*"], "paused": true }),
        json!({ "mode": "PULL", "events": ["*"], "rateLimit": 5 }),
        json!({ "mode": "PUSH", "events": ["*"] }),
        json!({ "events": ["*"] }),
    ] {
        admin.post(ENDPOINTS, wish).await.expect_problem(422, "validation.failed");
    }
    let (made, other) = (pulling(&admin).await, pulling(&admin).await);
    refusals(&service, &made).await;

    startup(&service, service.workspace).await;
    let through = waiting(&admin, &other, 1).await.text_at("/through");
    let foreign = json!({ "through": through });
    let operation = path(&made, "events/acknowledge");
    admin.post(&operation, foreign).await.expect_problem(400, "request.cursor_invalid");
    let after = path(&made, &format!("events?after={through}"));
    admin.get(&after).await.expect_problem(400, "request.cursor_invalid");
    admin.get(&path(&made, "events?limit=0")).await.expect_problem(400, "request.query_invalid");
    waiting(&admin, &made, 1).await;
    service.member().get(&path(&made, "events")).await.expect(403);
}
