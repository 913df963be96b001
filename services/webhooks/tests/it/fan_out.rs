//! Events that come together become deliveries in one transaction, and each reaches whoever wants it.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use witan_ids::WorkspaceId;
use witan_testkit::{Received, eventually, sink};

use crate::{ENDPOINTS, endpoint, startup, webhooks};

const TOGETHER: usize = 40;

fn ids(received: &[Received]) -> HashSet<String> {
    received.iter().map(|one| one.header("webhook-id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_together_reaches_whoever_wants_it() {
    let service = webhooks().await;
    let (awake, asleep, unconcerned) = (sink().await, sink().await, sink().await);
    let admin = service.admin();
    let (here, elsewhere) = (service.workspace, WorkspaceId::generate(service.clock()));
    let path = |made: &Value| format!("{ENDPOINTS}/{}", made["id"].as_str().unwrap());
    endpoint(&admin, &awake.url("/"), &["startup.*"]).await;
    let paused = endpoint(&admin, &asleep.url("/"), &["*"]).await;
    admin.patch(&path(&paused), json!({ "paused": true })).await.expect(200);
    endpoint(&admin, &unconcerned.url("/"), &["member.*"]).await;
    let fetched = admin.post(ENDPOINTS, json!({ "mode": "PULL", "events": ["startup.created"] })).await;
    let fetched = fetched.expect(201).json;

    let places = (0..2 * TOGETHER).map(|number| if number % 2 == 0 { here } else { elsewhere });
    let told = join_all(places.map(|place| startup(&service, place))).await;
    let told = told.into_iter().filter(|event| event.workspace_id == Some(here));
    let told: HashSet<String> = told.map(|event| event.id.to_string()).collect();
    assert_eq!(ids(&awake.wait_for(TOGETHER).await), told);

    let database = service.database().superuser().await.unwrap();
    let shared = "SELECT count(*), count(DISTINCT xmin::text) FROM webhooks.messages";
    let shared = database.query_one(shared, &[]).await.unwrap();
    let (messages, transactions): (i64, i64) = (shared.get(0), shared.get(1));
    assert_eq!(messages, i64::try_from(TOGETHER).unwrap(), "nobody elsewhere wants any");
    assert!(transactions < messages, "{messages} messages in {transactions} transactions");

    // Places are without gaps, and in the order of transactions.
    let events = admin.get(&format!("{}/events?limit=100", path(&fetched))).await.expect(200).json;
    let waiting: HashSet<&str> =
        events["data"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(waiting, told.iter().map(String::as_str).collect());
    let places = "SELECT count(DISTINCT pull_position), min(pull_position), max(pull_position) FROM webhooks.deliveries
         WHERE pull_position IS NOT NULL GROUP BY endpoint_id";
    for row in database.query(places, &[]).await.unwrap() {
        assert_eq!([row.get::<_, i64>(0), row.get(1), row.get(2)], [messages, 1, messages]);
    }

    assert!(asleep.received().is_empty());
    admin.patch(&path(&paused), json!({ "paused": false })).await.expect(200);
    assert_eq!(ids(&asleep.wait_for(TOGETHER).await), told);
    eventually("no job is left", async || {
        let jobs = database.query_one("SELECT count(*) FROM webhooks.jobs", &[]).await.unwrap();
        jobs.get::<_, i64>(0) == 0
    })
    .await;
    assert_eq!((awake.received().len(), asleep.received().len()), (TOGETHER, TOGETHER));
    assert!(unconcerned.received().is_empty());
}
