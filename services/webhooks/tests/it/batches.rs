//! Deliveries that arrive at the same time are written down together, and each is its own all the same.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};
use witan_testkit::{Client, Reply, Sink, TestService, eventually, sink};
use witan_webhooks::Webhooks;

use crate::{ENDPOINTS, endpoint, startup, webhooks};

/// Long enough to do something about a delivery that is on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(2);

/// Three deliveries are on their way to a partner who takes his time.
async fn under_way() -> (TestService<Webhooks>, Sink, Client, Value) {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    partner.reply_always(Reply::status(200).after(ON_ITS_WAY));
    for _ in 0..3 {
        startup(&service, service.workspace).await;
    }
    partner.wait_for(3).await;
    (service, partner, admin, made)
}

/// Those of the endpoint in a state, each with its attempts.
async fn in_state(person: &Client, endpoint: &Value, state: &str) -> Vec<i64> {
    let path = format!("{ENDPOINTS}/{}/deliveries?state={state}", endpoint["id"].as_str().unwrap());
    let page = person.get(&path).await.expect(200).json;
    page["data"].as_array().unwrap().iter().map(|delivery| delivery["attempts"].as_i64().unwrap()).collect()
}

async fn number(service: &TestService<Webhooks>, query: &str) -> i64 {
    let database = service.database().superuser().await.unwrap();
    database.query_one(&format!("SELECT count(*) FROM webhooks.{query}"), &[]).await.unwrap().get(0)
}

const LAST: &str = "(SELECT id FROM webhooks.deliveries ORDER BY id DESC LIMIT 1)";

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_a_delivery_that_somebody_else_is_writing_to() {
    let (service, partner, admin, made) = under_way().await;
    let mut database = service.database().superuser().await.unwrap();
    let held = database.transaction().await.unwrap();
    let lock = format!("SELECT id FROM webhooks.deliveries WHERE id = {LAST} FOR UPDATE");
    held.query_one(&lock, &[]).await.unwrap();
    eventually("the others", async || in_state(&admin, &made, "SUCCEEDED").await == [1, 1]).await;
    assert_eq!(in_state(&admin, &made, "PENDING").await, [0]);
    held.commit().await.unwrap();
    eventually("the last", async || in_state(&admin, &made, "SUCCEEDED").await == [1, 1, 1]).await;
    assert_eq!((number(&service, "attempts").await, number(&service, "jobs").await), (3, 0));
    assert_eq!(partner.received().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_lease_is_lost_writes_nothing_and_keeps_nobody_from_it() {
    let (service, partner, admin, made) = under_way().await;
    let database = service.database().superuser().await.unwrap();
    // As if it had been taken over: the first attempt must not be what settles it.
    let take = "UPDATE webhooks.jobs SET lease_token = gen_random_uuid(), lease_until = now() + interval '4 seconds'
         WHERE payload ->> 'deliveryId' = (SELECT payload ->> 'deliveryId' FROM webhooks.jobs ORDER BY id DESC LIMIT 1)";
    assert_eq!(database.execute(take, &[]).await.unwrap(), 1);
    eventually("the others", async || in_state(&admin, &made, "SUCCEEDED").await == [1, 1]).await;
    assert_eq!((in_state(&admin, &made, "PENDING").await, number(&service, "attempts").await), (vec![0], 2));
    // The new owner gives no sign of life either; then it is attempted again, with the same id.
    let sent = partner.wait_for(4).await;
    eventually("the last", async || in_state(&admin, &made, "SUCCEEDED").await == [1, 1, 1]).await;
    let repeated =
        sent[..3].iter().filter(|one| one.header("webhook-id") == sent[3].header("webhook-id")).count();
    assert_eq!((repeated, number(&service, "attempts").await, number(&service, "jobs").await), (1, 3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_resent_meanwhile_has_its_new_round() {
    let (service, partner, admin, made) = under_way().await;
    let path = format!("{ENDPOINTS}/{}/deliveries?limit=1", made["id"].as_str().unwrap());
    let last = admin.get(&path).await.expect(200).json["data"][0]["id"].as_str().unwrap().to_owned();
    admin.post(&format!("/api/v1/webhooks/deliveries/{last}/resend"), json!({})).await.expect(202);
    partner.wait_for(4).await;
    eventually("all", async || in_state(&admin, &made, "SUCCEEDED").await == [2, 1, 1]).await;
    assert_eq!((number(&service, "attempts").await, number(&service, "jobs").await), (4, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_was_made_while_its_endpoint_was_deleted_goes() {
    let (service, partner) = (webhooks().await, sink().await);
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    partner.reply_always(Reply::status(503).header("retry-after", "3"));
    startup(&service, service.workspace).await;
    eventually("it failed", async || in_state(&admin, &made, "PENDING").await == [1]).await;
    // Who deletes it does not see the deliveries of a transaction that is not over.
    let database = service.database().superuser().await.unwrap();
    database.execute("DELETE FROM webhooks.endpoints", &[]).await.unwrap();
    eventually("it is gone", async || {
        (number(&service, "deliveries").await, number(&service, "jobs").await) == (0, 0)
    })
    .await;
    assert_eq!(partner.received().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_for_one_endpoint_arrives_whole_and_once() {
    const BURST: usize = 150;
    // Most of them find no place, and are called back by those that had one.
    let service = TestService::<Webhooks>::start_with(|builder| {
        builder.env("WEBHOOKS_PER_ENDPOINT", "2").env("WEBHOOKS_WORKERS", "16")
    })
    .await;
    let (partner, admin) = (sink().await, service.admin());
    endpoint(&admin, &partner.url("/"), &["*"]).await;
    let mut sent = HashSet::new();
    for _ in 0..BURST {
        sent.insert(startup(&service, service.workspace).await.id.to_string());
    }
    partner.wait_for(BURST).await;
    eventually("no job is left", async || number(&service, "jobs").await == 0).await;
    let received = partner.received();
    let came: HashSet<String> = received.iter().map(|one| one.header("webhook-id").to_owned()).collect();
    assert_eq!((received.len(), came == sent), (BURST, true));
    assert_eq!(number(&service, "attempts").await, i64::try_from(BURST).unwrap());
}
