//! What is held of a workspace: told for its export, and gone with it.

use serde_json::json;

use crate::{ask, three, with_models};

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_told_and_everything_goes() {
    let service = with_models(three(json!({}))).await;
    let (ada, bob, other) = (service.admin(), service.member(), service.other_workspace());
    for person in [&ada, &bob, &other] {
        ask(person).await.expect(200);
    }
    let (here, there) = (service.workspace, other.workspace());
    let agent = json!({ "agent": "coach", "name": "Coach", "instructions": "Advise." });
    ada.post("/api/v1/agents/custom", agent).await.expect(201);
    let session = ada.post("/api/v1/sessions", json!({})).await.expect(201).text_at("/id");
    let message = json!({ "role": "USER", "content": "Between us." });
    ada.post(&format!("/api/v1/sessions/{session}/messages"), message).await.expect(201);
    let call = json!({ "tool": "bank", "type": "SEARCH", "status": "FAILED", "durationMs": 1 });
    ada.post(&format!("/api/v1/sessions/{session}/tools"), call).await.expect(201);
    ada.put("/api/v1/models/keys/groq", json!({ "key": "gsk_first_0Zr4" })).await.expect(200);
    let held = [
        "agent_versions",
        "agents",
        "keyed_workspaces",
        "live_sessions",
        "places",
        "provider_keys",
        "run_calls",
        "run_events",
        "run_logs",
        "run_members",
        "run_reviews",
        "runs",
        "session_messages",
        "session_tools",
        "sessions",
    ];
    assert_eq!(service.kept_of(here).await, held);
    let told = service.told_of(here).await;
    let kinds: Vec<_> = told.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["agent", "providerKey", "session", "sessionMessage", "sessionTool", "run", "run"]);
    assert_eq!(told[0]["instructions"], "Advise.");
    let runs = &told[5..];
    assert!(runs.iter().all(|line| line["kind"] == "run" && line["members"].as_array().unwrap().len() == 3));
    assert_eq!(runs[1]["createdBy"], json!(bob.user.unwrap()));

    let report = service.purge(here).await;
    assert_eq!((&report["workspaceId"], &report["service"]), (&json!(here), &json!("council")));
    assert!(service.kept_of(here).await.is_empty() && service.told_of(here).await.is_empty());
    assert_eq!(service.purge(here).await["rows"], "0");
    assert_eq!(service.told_of(there).await.len(), 1);
    let kept = [
        "agent_versions",
        "agents",
        "keyed_workspaces",
        "live_sessions",
        "model_calls",
        "places",
        "projects",
        "provider_keys",
        "run_calls",
        "run_events",
        "run_leases",
        "run_logs",
        "run_members",
        "run_reviews",
        "runs",
        "session_messages",
        "session_tools",
        "sessions",
    ];
    assert_eq!(service.kept().await, kept, "what `jobs::held` removes and `disclosure::workspace` tells");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_services_are_told() {
    let service = with_models(three(json!({}))).await;
    let path = format!("/internal/workspaces/{}/held", service.workspace);
    service.internal_anon().get(&path).await.expect(401);
    service.admin().get(&path).await.expect(404);
}
