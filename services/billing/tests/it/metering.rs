//! Usage is counted from events, each exactly once.

use witan_events::contracts::billing::v1::BudgetExceeded;
use witan_events::contracts::council::v1::AgentRunFailed;
use witan_ids::RunId;
use witan_testkit::eventually;

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
