//! Runs whose process is gone, and clients who are.

use serde_json::json;
use witan_council::Council;
use witan_events::contracts::council::v1::AgentRunFailed;
use witan_ids::{RunId, UserId};
use witan_testkit::{TestService, eventually};

use crate::{ask_and_leave, is_any, model, three, with_models};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_process_died_is_ended_and_told_once() {
    let service = with_models(three(json!({}))).await;
    let mut events = service.events().await;
    let ada = service.member();
    let run = RunId::generate(service.clock());
    let left = format!(
        "INSERT INTO council.runs (workspace_id, id, user_id, agent, prompt, state, asked, required, created_at)
         VALUES ('{workspace}', '{run}', '{user}', 'legal', 'Why?', 'RUNNING', 3, 2, now());
         INSERT INTO council.run_leases VALUES ('{run}', '{workspace}', now() - interval '1 second')",
        workspace = service.workspace.uuid(),
        run = run.uuid(),
        user = UserId::generate(service.clock()).uuid(),
    );
    service.database().superuser().await.unwrap().batch_execute(&left).await.unwrap();
    let (_, told) = events.next::<AgentRunFailed>().await;
    assert_eq!((told.run_id, told.code.as_str()), (run.to_string(), "council.interrupted"));
    let shown = ada.get(&format!("/api/v1/agents/runs/{run}")).await.expect(200);
    assert_eq!(shown.text_at("/state"), "FAILED");
    assert!(events.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_does_not_end_the_run() {
    let service = with_models(json!([model("slow", 5, json!({ "latencyMs": 400 }))])).await;
    let ada = service.member();
    ask_and_leave(&ada).await;
    eventually("its end", async || is_any(&ada, "SUCCEEDED").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_stops_ends_its_runs() {
    let slow = json!([model("slow", 5, json!({ "latencyMs": 60_000 }))]).to_string();
    let mut service = TestService::<Council>::start_with(|builder| builder.env("LLM_MODELS", slow)).await;
    let ada = service.member();
    ask_and_leave(&ada).await;
    assert!(service.halt().await, "in time");
    Box::pin(service.resume()).await.unwrap();
    let after = service.member().get("/api/v1/agents/runs").await.expect(200);
    assert_eq!(after.text_at("/data/0/failure/code"), "council.interrupted");
}
