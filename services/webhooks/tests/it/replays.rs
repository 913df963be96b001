//! What is sent again in bulk.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use witan_ids::{DeliveryId, EventId};
use witan_testkit::{Client, Reply, TestService, eventually, sink};
use witan_webhooks::Webhooks;

use crate::{ENDPOINTS, delivery_in, endpoint, startup, webhooks};

const SINCE: &str = "2026-01-01T00:00:00Z";

fn path(endpoint: &Value, operation: &str) -> String {
    format!("{ENDPOINTS}/{}/{operation}", endpoint["id"].as_str().unwrap())
}

/// The replay, once it is in this state.
async fn replay_in(person: &Client, id: &str, state: &str) -> Value {
    let path = format!("/api/v1/webhooks/replays/{id}");
    eventually(&format!("a replay that is {state}"), async || {
        let replay = person.get(&path).await.expect(200).json;
        (replay["state"] == state).then_some(replay)
    })
    .await
}

/// So many deliveries that have arrived, or not, without anybody having sent them.
async fn past(service: &TestService<Webhooks>, endpoint: &Value, count: usize, state: &str) {
    let ids = |make: &dyn Fn() -> String| (0..count).map(|_| make()).collect::<Vec<_>>();
    let deliveries = ids(&|| DeliveryId::generate(service.clock()).uuid().to_string());
    let messages = ids(&|| EventId::generate(service.clock()).uuid().to_string());
    let endpoint: witan_ids::EndpointId = endpoint["id"].as_str().unwrap().parse().unwrap();
    let (endpoint, workspace) = (endpoint.uuid().to_string(), service.workspace.uuid().to_string());
    let mut database = service.database().superuser().await.unwrap();
    let tx = database.transaction().await.unwrap();
    let insert = "INSERT INTO webhooks.messages SELECT $1::text::uuid, m::uuid, 'startup.created', 'past', '{}', now(), now()
        FROM unnest($2::text[]) m";
    tx.execute(insert, &[&workspace, &messages]).await.unwrap();
    let insert = "INSERT INTO webhooks.deliveries (workspace_id, id, endpoint_id, message_id, event_type, state, created_at, finished_at)
        SELECT $1::text::uuid, d::uuid, $2::text::uuid, m::uuid, 'startup.created', $5, now(), now()
        FROM unnest($3::text[], $4::text[]) AS rows (d, m)";
    tx.execute(insert, &[&workspace, &endpoint, &deliveries, &messages, &state]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_replay_sends_what_was_sent_again_and_nothing_else() {
    let (service, partner, other) = (webhooks().await, sink().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    let neighbour = endpoint(&admin, &other.url("/"), &["*"]).await;
    let events = [startup(&service, service.workspace).await, startup(&service, service.workspace).await];
    admin.post(&path(&made, "test"), json!({})).await.expect(202);
    partner.wait_for(3).await;
    other.wait_for(2).await;
    eventually("all of it has arrived", async || {
        let page = admin.get(&path(&made, "deliveries?state=SUCCEEDED")).await.expect(200).json;
        page["data"].as_array().unwrap().len() == 3
    })
    .await;

    let wish = json!({ "since": SINCE, "eventTypes": ["startup.created"] });
    let begun = admin.post(&path(&made, "replay"), &wish).await.expect(202);
    assert_eq!((begun.json["operation"].as_str(), begun.json["total"].as_i64()), (Some("REPLAY"), Some(2)));
    assert_eq!(begun.header("location"), format!("/api/v1/webhooks/replays/{}", begun.text_at("/id")));
    let over = replay_in(&admin, &begun.text_at("/id"), "COMPLETED").await;
    assert_eq!((&over["done"], &over["endpointId"]), (&json!(2), &made["id"]));
    let received = partner.wait_for(5).await;
    for event in &events {
        let id = event.id.to_string();
        let same: Vec<_> = received.iter().filter(|one| one.header("webhook-id") == id).collect();
        assert_eq!((same.len(), &same[0].body), (2, &same[1].body));
    }
    // Other types, other times, other endpoints: nothing.
    for wish in [
        json!({ "since": SINCE, "eventTypes": ["member.added"] }),
        json!({ "since": "2099-01-01T00:00:00Z" }),
        json!({ "since": SINCE, "until": "2026-01-02T00:00:00Z" }),
    ] {
        let begun = admin.post(&path(&made, "replay"), wish).await.expect(202);
        replay_in(&admin, &begun.text_at("/id"), "COMPLETED").await;
    }
    let recovered = admin.post(&path(&neighbour, "recover"), json!({ "since": SINCE })).await.expect(202);
    assert_eq!(replay_in(&admin, &recovered.text_at("/id"), "COMPLETED").await["total"], 0);
    assert_eq!((partner.received().len(), other.received().len()), (5, 2));
}

#[tokio::test]
async fn recovering_sends_what_failed_and_what_a_disabled_endpoint_missed() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["startup.*"]).await;
    let arrived = startup(&service, service.workspace).await;
    delivery_in(&admin, &made, "SUCCEEDED").await;
    for _ in 0..3 {
        partner.reply_next(Reply::status(503));
    }
    let failed = startup(&service, service.workspace).await;
    delivery_in(&admin, &made, "FAILED").await;
    partner.reply_next(Reply::status(410));
    let gone = startup(&service, service.workspace).await;
    delivery_in(&admin, &made, "CANCELLED").await;
    let missed = startup(&service, service.workspace).await;
    eventually("what was missed is in the log", async || {
        let page = admin.get(&path(&made, "deliveries?state=CANCELLED")).await.expect(200).json;
        page["data"].as_array().unwrap().len() == 2
    })
    .await;
    let wish = json!({ "since": SINCE });
    admin.post(&path(&made, "recover"), &wish).await.expect_problem(409, "webhooks.endpoint_disabled");
    admin.post(&path(&made, "replay"), &wish).await.expect_problem(409, "webhooks.endpoint_disabled");
    assert_eq!(partner.received().len(), 5);

    admin.patch(path(&made, "").trim_end_matches('/'), json!({ "paused": false })).await.expect(200);
    let begun = admin.post(&path(&made, "recover"), &wish).await.expect(202);
    assert_eq!(begun.json["total"], 3);
    replay_in(&admin, &begun.text_at("/id"), "COMPLETED").await;
    let received = partner.wait_for(8).await;
    let recovered: Vec<_> = received[5..].iter().map(|one| one.header("webhook-id").to_owned()).collect();
    for event in [&failed, &gone, &missed] {
        assert!(recovered.contains(&event.id.to_string()));
    }
    assert!(!recovered.contains(&arrived.id.to_string()));
}

#[tokio::test]
async fn what_is_asked_for_again_or_planned_already_is_sent_once() {
    let service =
        TestService::<Webhooks>::start_with(|builder| builder.env("WEBHOOKS_SCHEDULE", "3s,3s")).await;
    let partner = sink().await;
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    partner.reply_next(Reply::status(503));
    let planned = startup(&service, service.workspace).await;
    partner.wait_for(1).await;
    eventually("the failure in the log", async || {
        let page = admin.get(&path(&made, "deliveries")).await.expect(200).json;
        page["data"][0]["attempts"] == 1
    })
    .await;
    past(&service, &made, 200, "FAILED").await;
    partner.reply_always(Reply::status(204).after(Duration::from_millis(20)));

    let (operation, wish) = (path(&made, "recover"), json!({ "since": SINCE }));
    let answers = join_all((0..10).map(|_| admin.post(&operation, &wish))).await;
    let ids: Vec<String> = answers.into_iter().map(|answer| answer.expect(202).text_at("/id")).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let other = json!({ "since": "2026-01-02T00:00:00Z" });
    admin.post(&operation, &other).await.expect_problem(409, "webhooks.replay_running");
    admin.post(&path(&made, "replay"), &wish).await.expect_problem(409, "webhooks.replay_running");
    let over = replay_in(&admin, &ids[0], "COMPLETED").await;
    assert_eq!((&over["total"], &over["done"]), (&json!(200), &json!(200)));
    partner.wait_for(202).await;
    let database = service.database().superuser().await.unwrap();
    eventually("no job is left", async || {
        let left = "SELECT count(*) FROM webhooks.jobs";
        database.query_one(left, &[]).await.unwrap().get::<_, i64>(0) == 0
    })
    .await;
    let received = partner.received();
    let mut sent: Vec<&str> = received[1..].iter().map(|one| one.header("webhook-id")).collect();
    assert!(sent.contains(&planned.id.to_string().as_str()));
    sent.sort_unstable();
    sent.dedup();
    assert_eq!((received.len(), sent.len()), (202, 201));
}

#[tokio::test]
async fn what_happens_meanwhile_goes_ahead_of_a_hundred_thousand_and_a_replay_can_be_ended() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    past(&service, &made, 100_000, "SUCCEEDED").await;
    partner.reply_always(Reply::status(204).after(Duration::from_millis(50)));
    let begun = admin.post(&path(&made, "replay"), json!({ "since": SINCE })).await.expect(202);
    assert_eq!(begun.json["total"], 100_000);
    partner.wait_for(20).await;
    let before = partner.received().len();
    let live = startup(&service, service.workspace).await.id.to_string();
    let place = eventually("the live event", async || {
        partner.received().iter().position(|one| one.header("webhook-id") == live)
    })
    .await;
    assert!(place < before + 32, "behind {} others, not even one batch being through", place - before);
    let database = service.database().superuser().await.unwrap();
    let pending = "SELECT count(*) FROM webhooks.deliveries WHERE state = 'PENDING'";
    assert!(database.query_one(pending, &[]).await.unwrap().get::<_, i64>(0) <= 32);

    let replay = format!("/api/v1/webhooks/replays/{}", begun.text_at("/id"));
    for _ in 0..2 {
        admin.delete(&replay).await.expect(204);
    }
    let ended = admin.get(&replay).await.expect(200).json;
    assert_eq!(ended["state"], "CANCELLED");
    eventually("what was on its way has arrived", async || {
        database.query_one(pending, &[]).await.unwrap().get::<_, i64>(0) == 0
    })
    .await;
    let done = usize::try_from(ended["done"].as_i64().unwrap()).unwrap();
    assert_eq!(partner.received().len(), done + 1);
    assert_eq!(admin.get(&replay).await.expect(200).json, ended);
}

#[tokio::test]
async fn a_wish_that_means_nothing_is_refused() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    for wish in [
        json!({ "since": SINCE, "until": SINCE }),
        json!({ "since": SINCE, "eventTypes": [] }),
        json!({ "since": SINCE, "eventTypes": ["session.started"] }),
    ] {
        admin.post(&path(&made, "replay"), wish).await.expect_problem(422, "validation.failed");
    }
    assert!(service.kept_of(service.workspace).await.iter().all(|table| table != "replays"));
}

#[tokio::test]
async fn a_paused_endpoint_waits_and_a_disabled_one_ends_it() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    past(&service, &made, 3, "FAILED").await;
    let own = path(&made, "").trim_end_matches('/').to_owned();
    admin.patch(&own, json!({ "paused": true })).await.expect(200);
    let begun = admin.post(&path(&made, "recover"), json!({ "since": SINCE })).await.expect(202);
    let database = service.database().superuser().await.unwrap();
    let later = "SELECT count(*) FROM webhooks.jobs WHERE kind = 'webhooks.replay' AND state = 'ready' AND attempts = 1";
    eventually("the job waits", async || database.query_one(later, &[]).await.unwrap().get::<_, i64>(0) == 1)
        .await;
    admin.patch(&own, json!({ "paused": false })).await.expect(200);
    replay_in(&admin, &begun.text_at("/id"), "COMPLETED").await;
    partner.wait_for(3).await;

    past(&service, &made, 500, "FAILED").await;
    partner.reply_always(Reply::status(410));
    let begun = admin.post(&path(&made, "recover"), json!({ "since": SINCE })).await.expect(202);
    let ended = replay_in(&admin, &begun.text_at("/id"), "CANCELLED").await;
    assert!(ended["done"].as_i64().unwrap() < 500);
}

#[tokio::test]
async fn replays_are_listed_newest_first_by_endpoint_state_and_page() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let one = endpoint(&admin, &partner.url("/one"), &["*"]).await;
    let other = endpoint(&admin, &partner.url("/other"), &["*"]).await;
    let mut ids = Vec::new();
    for (endpoint, operation) in [(&one, "replay"), (&other, "replay"), (&one, "recover")] {
        let begun = admin.post(&path(endpoint, operation), json!({ "since": SINCE })).await.expect(202);
        replay_in(&admin, &begun.text_at("/id"), "COMPLETED").await;
        ids.push(begun.json["id"].clone());
    }
    let list = async |query: String| {
        let page = admin.get(&format!("/api/v1/webhooks/replays{query}")).await.expect(200).json;
        let ids: Vec<Value> = page["data"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
        (ids, page["nextCursor"].clone())
    };
    let newest_first = vec![ids[2].clone(), ids[1].clone(), ids[0].clone()];
    assert_eq!(list(String::new()).await, (newest_first, Value::Null));
    let (first, cursor) = list("?limit=2".to_owned()).await;
    assert_eq!(first, ids[1..].iter().rev().cloned().collect::<Vec<_>>());
    let rest = format!("?limit=2&cursor={}", cursor.as_str().unwrap());
    assert_eq!(list(rest).await, (vec![ids[0].clone()], Value::Null));
    let of_one = format!("?endpointId={}", one["id"].as_str().unwrap());
    assert_eq!(list(of_one).await.0, [ids[2].clone(), ids[0].clone()]);
    assert_eq!(list("?state=RUNNING".to_owned()).await.0, Vec::<Value>::new());
    let theirs = service.other_workspace().get("/api/v1/webhooks/replays").await.expect(200);
    assert_eq!(theirs.json["data"], json!([]));
}
