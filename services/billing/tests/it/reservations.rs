//! Limits hold under concurrency, and nothing stays reserved for ever.

use std::time::Duration;

use chrono::DateTime;
use serde_json::{Value, json};
use witan_clock::ManualClock;
use witan_ids::{RunId, WorkspaceId};
use witan_testkit::{Client, TestService, eventually};

use crate::{PLANS, billing, completed, usage};

async fn reserve(council: &Client, workspace: WorkspaceId, reference: &str) -> Value {
    let wish = json!({ "workspaceId": workspace, "metric": "runs", "amount": 1, "reference": reference });
    council.post("/internal/reservations", wish).await.expect(200).json
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_once_take_no_more_than_there_is() {
    let service = billing().await;
    let admin = service.admin();
    let workspace = admin.workspace();
    let wishes = (0..50).map(|number| {
        let council = service.internal("council");
        tokio::spawn(async move { reserve(&council, workspace, &format!("run-{number}")).await })
    });
    let mut outcomes = Vec::new();
    for wish in wishes.collect::<Vec<_>>() {
        outcomes.push(wish.await.unwrap());
    }
    let reserved = outcomes.iter().filter(|answer| answer["outcome"] == "RESERVED").count();
    assert_eq!(reserved, 3);
    let refused = outcomes.iter().find(|answer| answer["outcome"] == "LIMIT_REACHED").unwrap();
    assert_eq!((refused["limit"].as_i64(), refused["used"].as_i64()), (Some(3), Some(3)));
    assert_eq!(usage(&admin, "runs").await["reserved"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_reference_takes_once_and_its_event_settles_it() {
    let service = billing().await;
    let admin = service.admin();
    let (workspace, council) = (admin.workspace(), service.internal("council"));
    let run = RunId::generate(service.clock());
    for _ in 0..3 {
        assert_eq!(reserve(&council, workspace, &run.to_string()).await["outcome"], "RESERVED");
    }
    assert_eq!(usage(&admin, "runs").await["reserved"], 1);
    service.tell(Some(workspace), &run.to_string(), &completed(workspace, run)).await;
    eventually("the run", async || usage(&admin, "runs").await["used"] == 1).await;
    assert_eq!(usage(&admin, "runs").await["reserved"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_back_can_be_taken_again() {
    let service = billing().await;
    let admin = service.admin();
    let (workspace, council) = (admin.workspace(), service.internal("council"));
    for number in 0..3 {
        reserve(&council, workspace, &format!("run-{number}")).await;
    }
    assert_eq!(reserve(&council, workspace, "one-more").await["outcome"], "LIMIT_REACHED");
    let body = json!({ "workspaceId": workspace, "reference": "run-1" });
    council.post("/internal/reservations/release", &body).await.expect(200);
    council.post("/internal/reservations/release", &body).await.expect(200);
    assert_eq!(reserve(&council, workspace, "one-more").await["outcome"], "RESERVED");
    assert_eq!(usage(&admin, "runs").await["reserved"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_settles_lapses() {
    let manual = ManualClock::at(DateTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000));
    let clock = manual.clock();
    let service = TestService::<witan_billing::Billing>::start_with(|builder| {
        builder.env("BILLING_PLANS", PLANS).clock(clock)
    })
    .await;
    let council = service.internal("council");
    let workspace = service.workspace;
    for number in 0..3 {
        reserve(&council, workspace, &format!("run-{number}")).await;
    }
    assert_eq!(reserve(&council, workspace, "late").await["outcome"], "LIMIT_REACHED");
    manual.advance(Duration::from_secs(15 * 60));
    assert_eq!(reserve(&service.internal("council"), workspace, "late").await["outcome"], "RESERVED");
}
