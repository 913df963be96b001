//! Limits hold under concurrency, and nothing stays reserved for ever.

use std::time::Duration;

use chrono::DateTime;
use serde_json::{Value, json};
use witan_clock::ManualClock;
use witan_events::contracts::chat::v1::MessageCreated;
use witan_ids::{MessageId, RunId, WorkspaceId};
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
        async move { reserve(&council, workspace, &format!("run-{number}")).await }
    });
    let outcomes = futures_util::future::join_all(wishes).await;
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
async fn a_message_settles_what_was_reserved_for_it() {
    let service = billing().await;
    let admin = service.admin();
    let (workspace, chat) = (admin.workspace(), service.internal("chat"));
    let id = MessageId::generate(service.clock()).to_string();
    let wish = json!({ "workspaceId": workspace, "metric": "messages", "amount": 1, "reference": id });
    chat.post("/internal/reservations", wish).await.expect(200);
    assert_eq!(usage(&admin, "messages").await["reserved"], 1);
    let message = MessageCreated {
        workspace_id: workspace.to_string(),
        message_id: id.clone(),
        role: "user".to_owned(),
        ..MessageCreated::default()
    };
    service.tell(Some(workspace), &id, &message).await;
    eventually("the message", async || usage(&admin, "messages").await["used"] == 1).await;
    assert_eq!(usage(&admin, "messages").await["reserved"], 0);
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

/// A service on a clock that is moved by hand, in the last minutes of November.
async fn at_the_end_of_november() -> (TestService<witan_billing::Billing>, ManualClock) {
    let manual = ManualClock::at("2026-11-30T23:50:00Z".parse().unwrap());
    let clock = manual.clock();
    let service = TestService::start_with(|builder| builder.env("BILLING_PLANS", PLANS).clock(clock)).await;
    (service, manual)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_lapsed_is_shown_to_nobody() {
    let (service, manual) = at_the_end_of_november().await;
    manual.set("2026-12-05T00:00:00Z".parse().unwrap());
    let (workspace, council) = (service.workspace, service.internal("council"));
    for number in 0..3 {
        reserve(&council, workspace, &format!("run-{number}")).await;
    }
    assert_eq!(usage(&service.admin(), "runs").await["reserved"], 3);
    manual.advance(Duration::from_secs(15 * 60));
    assert_eq!(usage(&service.admin(), "runs").await["reserved"], 0);
    let path = format!("/internal/entitlements/{workspace}");
    let entitlements = service.internal("chat").get(&path).await.expect(200);
    assert_eq!(entitlements.json["limits"][0]["used"], 0, "who asks before spending is not kept out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_that_lapsed_is_reserved_anew() {
    let (service, manual) = at_the_end_of_november().await;
    manual.set("2026-12-05T00:00:00Z".parse().unwrap());
    let workspace = service.workspace;
    reserve(&service.internal("council"), workspace, "run").await;
    manual.advance(Duration::from_secs(15 * 60));
    assert_eq!(reserve(&service.internal("council"), workspace, "run").await["outcome"], "RESERVED");
    manual.advance(Duration::from_secs(14 * 60));
    assert_eq!(usage(&service.admin(), "runs").await["reserved"], 1, "for a whole lifetime again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lapsed_in_an_earlier_month_is_cleared_away() {
    let (service, manual) = at_the_end_of_november().await;
    let workspace = service.workspace;
    reserve(&service.internal("council"), workspace, "november").await;
    manual.advance(Duration::from_secs(20 * 60));
    reserve(&service.internal("council"), workspace, "december").await;
    let database = service.database().superuser().await.unwrap();
    let query = "SELECT reference FROM billing.reservations";
    let left: Vec<String> = database.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(left, ["december"]);
    let query = "SELECT reserved FROM billing.counters WHERE metric = 'runs' ORDER BY period";
    let reserved: Vec<i64> = database.query(query, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(reserved, [0, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_counts_in_the_month_it_ended_and_frees_the_one_it_began_in() {
    let (service, manual) = at_the_end_of_november().await;
    let workspace = service.workspace;
    let run = RunId::generate(service.clock());
    reserve(&service.internal("council"), workspace, &run.to_string()).await;
    manual.advance(Duration::from_secs(11 * 60));
    service.tell(Some(workspace), &run.to_string(), &completed(workspace, run)).await;
    let admin = service.admin();
    eventually("the run", async || usage(&admin, "runs").await["used"] == 1).await;
    let december = usage(&admin, "runs").await;
    assert_eq!(
        (december["reserved"].as_i64(), december["resetsAt"].as_str()),
        (Some(0), Some("2027-01-01T00:00:00Z"))
    );
    let database = service.database().superuser().await.unwrap();
    let query = "SELECT used, reserved FROM billing.counters WHERE metric = 'runs' ORDER BY period";
    let counters = database.query(query, &[]).await.unwrap();
    let counters: Vec<(i64, i64)> = counters.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(counters, [(0, 0), (1, 0)]);
}

/// Wishes, settlements, failures and lapses at once, on two processes: no more than the plan allows is ever used, and
/// nothing stays reserved.
#[tokio::test(flavor = "multi_thread")]
async fn the_sums_are_right_after_a_crowd() {
    let service = billing().await;
    let replica = service.replica().await.unwrap();
    let workspace = service.workspace;
    let work = (0..40).map(|number: usize| {
        let (council, run) = (service.internal("council"), RunId::generate(service.clock()));
        let service = &service;
        async move {
            if reserve(&council, workspace, &run.to_string()).await["outcome"] != "RESERVED" {
                return 0;
            }
            if number.is_multiple_of(2) {
                let body = json!({ "workspaceId": workspace, "reference": run });
                council.post("/internal/reservations/release", body).await.expect(200);
                return 0;
            }
            let envelope = service.tell(Some(workspace), &run.to_string(), &completed(workspace, run)).await;
            service.repeat(&envelope).await;
            1
        }
    });
    let spent: i64 = futures_util::future::join_all(work).await.into_iter().sum();
    let admin = service.admin();
    eventually("all of it", async || usage(&admin, "runs").await["used"] == spent).await;
    eventually("nothing reserved", async || usage(&admin, "runs").await["reserved"] == 0).await;
    assert!(spent <= 3, "{spent} of 3");
    assert_eq!(usage(&admin, "inputTokens").await["used"], spent * 100);
    assert!(replica.stop().await);
}
