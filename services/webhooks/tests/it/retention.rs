//! How long messages are kept.

use std::time::Duration;

use witan_clock::{Clock, ManualClock};
use witan_testkit::{Client, TestService, eventually, sink};
use witan_webhooks::Webhooks;

use crate::{ENDPOINTS, endpoint, startup};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// How many rows each table has.
async fn rows(service: &TestService<Webhooks>) -> Vec<i64> {
    let database = service.database().superuser().await.unwrap();
    let mut counts = Vec::new();
    for table in ["messages", "deliveries", "attempts", "message_days"] {
        let count = database.query_one(&format!("SELECT count(*) FROM webhooks.{table}"), &[]).await.unwrap();
        counts.push(count.get(0));
    }
    counts
}

/// As a night would pass.
async fn pass(service: &mut TestService<Webhooks>, time: &ManualClock, days: u32) {
    assert!(service.halt().await);
    time.advance(DAY * days);
    service.resume().await.unwrap();
}

async fn waiting(partner: &Client, endpoint: &serde_json::Value) -> usize {
    let path = format!("{ENDPOINTS}/{}/events", endpoint["id"].as_str().unwrap());
    partner.get(&path).await.expect(200).json["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn what_is_thirty_days_old_goes_in_every_workspace_and_what_is_younger_stays() {
    let time = ManualClock::at(Clock::system().now());
    let mut service = TestService::<Webhooks>::start_with(|builder| builder.clock(time.clock())).await;
    let partner = sink().await;
    let (one, other) = (service.admin(), service.other_workspace());
    endpoint(&one, &partner.url("/"), &["startup.*"]).await;
    let unfetched = one.post(ENDPOINTS, serde_json::json!({ "mode": "PULL", "events": ["startup.*"] })).await;
    let unfetched = unfetched.expect(201).json;
    endpoint(&other, &partner.url("/"), &["startup.*"]).await;
    startup(&service, one.workspace()).await;
    startup(&service, other.workspace()).await;
    partner.wait_for(2).await;
    eventually("what was sent is written down", async || rows(&service).await == [2, 3, 2, 2]).await;

    pass(&mut service, &time, 20).await;
    startup(&service, one.workspace()).await;
    partner.wait_for(3).await;
    eventually("all are there", async || rows(&service).await == [3, 5, 3, 3]).await;

    pass(&mut service, &time, 12).await;
    eventually("only the younger one is there", async || rows(&service).await == [1, 2, 1, 1]).await;
    assert_eq!(waiting(&service.admin(), &unfetched).await, 1);

    pass(&mut service, &time, 20).await;
    eventually("nothing is left", async || rows(&service).await == [0, 0, 0, 0]).await;
}
