//! Usage is counted from events, each exactly once.

use witan_billing::Billing;
use witan_events::contracts::billing::v1::BudgetExceeded;
use witan_events::contracts::chat::v1::MessageCreated;
use witan_events::contracts::council::v1::{AgentRunFailed, ModelCalled};
use witan_events::contracts::webhooks::v1::DeliveriesCounted;
use witan_ids::RunId;
use witan_testkit::{TestService, eventually};

use crate::{billing, completed, usage};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_counts_once_however_often_it_is_delivered() {
    let service = billing().await;
    let admin = service.admin();
    let workspace = admin.workspace();
    let run = RunId::generate(service.clock());
    let envelope = service.tell(Some(workspace), &run.to_string(), &completed(workspace, run)).await;
    for _ in 0..5 {
        service.repeat(&envelope).await;
    }
    // A later event of the same queue has been counted, so the repetitions before it have been seen.
    let last = RunId::generate(service.clock());
    service.tell(Some(workspace), &run.to_string(), &completed(workspace, last)).await;
    eventually("both runs", async || usage(&admin, "runs").await["used"] == 2).await;
    assert_eq!(usage(&admin, "inputTokens").await["used"], 200);
    assert_eq!(usage(&admin, "outputTokens").await["used"], 80);
    assert_eq!(usage(&admin, "costMicros").await["used"], 14);
    assert_eq!(usage(&service.other_workspace(), "runs").await["used"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_costs_its_tokens_and_not_a_run() {
    let service = billing().await;
    let admin = service.admin();
    let workspace = admin.workspace();
    let run = RunId::generate(service.clock());
    let failed = AgentRunFailed {
        workspace_id: workspace.to_string(),
        run_id: run.to_string(),
        input_tokens: 9,
        ..AgentRunFailed::default()
    };
    service.tell(Some(workspace), &run.to_string(), &failed).await;
    eventually("its tokens", async || usage(&admin, "inputTokens").await["used"] == 9).await;
    assert_eq!(usage(&admin, "runs").await["used"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_to_a_plain_model_is_a_message_and_a_broken_answer_only_what_it_took() {
    let service = billing().await;
    let admin = service.admin();
    let workspace = admin.workspace();
    for answered in [true, false] {
        let call = RunId::generate(service.clock()).to_string();
        let called = ModelCalled {
            workspace_id: workspace.to_string(),
            call_id: call.clone(),
            answered,
            input_tokens: 9,
            output_tokens: 4,
            cost_micros: 17,
            ..ModelCalled::default()
        };
        let envelope = service.tell(Some(workspace), &call, &called).await;
        service.repeat(&envelope).await;
    }
    eventually("both calls", async || usage(&admin, "inputTokens").await["used"] == 18).await;
    assert_eq!(usage(&admin, "outputTokens").await["used"], 8);
    assert_eq!(usage(&admin, "costMicros").await["used"], 34);
    assert_eq!(usage(&admin, "messages").await["used"], 1);
    assert_eq!(usage(&admin, "runs").await["used"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn reaching_the_limit_is_told_once() {
    let service = billing().await;
    let admin = service.admin();
    let workspace = admin.workspace();
    let mut events = service.events().await;
    for _ in 0..5 {
        let run = RunId::generate(service.clock());
        service.tell(Some(workspace), &run.to_string(), &completed(workspace, run)).await;
    }
    eventually("five runs", async || usage(&admin, "runs").await["used"] == 5).await;
    let (_, exceeded) = events.next::<BudgetExceeded>().await;
    assert_eq!((exceeded.metric.as_str(), exceeded.limit, exceeded.used), ("runs", 3, 3));
    let again = events.rest().await.into_iter().filter(|event| event.event_type == "budget.exceeded").count();
    assert_eq!(again, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_count_one_event_once() {
    let service = billing().await;
    let replica = service.replica().await.unwrap();
    let admin = service.admin();
    let workspace = admin.workspace();
    let run = RunId::generate(service.clock());
    let envelope = service.tell(Some(workspace), &run.to_string(), &completed(workspace, run)).await;
    futures_util::future::join_all((0..20).map(|_| service.repeat(&envelope))).await;
    // Whoever stops finishes what it was given, and gives back the rest, which the other one counts before this.
    assert!(replica.stop().await);
    let last = RunId::generate(service.clock());
    service.tell(Some(workspace), &run.to_string(), &completed(workspace, last)).await;
    eventually("the last run", async || usage(&admin, "inputTokens").await["used"] == 200).await;
    assert_eq!(usage(&admin, "runs").await["used"], 2);
    assert_eq!(counted(&service).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_while_billing_is_away_is_counted_when_it_is_back() {
    let mut service = billing().await;
    let workspace = service.workspace;
    let first = RunId::generate(service.clock());
    service.tell(Some(workspace), &first.to_string(), &completed(workspace, first)).await;
    let admin = service.admin();
    eventually("the first run", async || usage(&admin, "runs").await["used"] == 1).await;
    service.halt().await;
    let second = RunId::generate(service.clock());
    service.tell(Some(workspace), &second.to_string(), &completed(workspace, second)).await;
    service.resume().await.unwrap();
    let admin = service.admin();
    eventually("the second run", async || usage(&admin, "runs").await["used"] == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_read_stops_no_other() {
    let service = billing().await;
    let admin = service.admin();
    let workspace = admin.workspace();
    let run = RunId::generate(service.clock());
    let mut poison = service.tell(Some(workspace), &run.to_string(), &completed(workspace, run)).await;
    poison.id = witan_ids::EventId::generate(service.clock());
    poison.data = serde_json::json!({ "runId": 5 });
    service.repeat(&poison).await;
    let last = RunId::generate(service.clock());
    service.tell(Some(workspace), &last.to_string(), &completed(workspace, last)).await;
    eventually("the runs around it", async || usage(&admin, "runs").await["used"] == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_and_webhooks_count_and_an_answer_does_not() {
    let service = billing().await;
    let admin = service.admin();
    let workspace = admin.workspace();
    for role in ["assistant", "user", "user"] {
        let message = MessageCreated {
            workspace_id: workspace.to_string(),
            role: role.to_owned(),
            ..MessageCreated::default()
        };
        service.tell(Some(workspace), "cnv", &message).await;
    }
    let counted = DeliveriesCounted { workspace_id: workspace.to_string(), deliveries: 3 };
    service.tell(Some(workspace), &workspace.to_string(), &counted).await;
    eventually("the webhooks", async || usage(&admin, "deliveries").await["used"] == 3).await;
    eventually("the questions", async || usage(&admin, "messages").await["used"] == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_a_larger_plan_is_told_in_its_turn() {
    let service = billing().await;
    let workspace = service.workspace;
    let mut events = service.events().await;
    let spend = async |runs: usize| {
        for _ in 0..runs {
            let run = RunId::generate(service.clock());
            service.tell(Some(workspace), &run.to_string(), &completed(workspace, run)).await;
        }
    };
    spend(3).await;
    assert_eq!(events.next::<BudgetExceeded>().await.1.limit, 3);
    let path = format!("/internal/subscriptions/{workspace}");
    service.internal("operator").put(&path, serde_json::json!({ "plan": "pro" })).await.expect(200);
    spend(2).await;
    let (_, exceeded) = events.next::<BudgetExceeded>().await;
    assert_eq!((exceeded.limit, exceeded.used), (5, 5));
}

/// How many events were taken.
async fn counted(service: &TestService<Billing>) -> i64 {
    let database = service.database().superuser().await.unwrap();
    database.query_one("SELECT count(*) FROM billing.inbox", &[]).await.unwrap().get(0)
}
