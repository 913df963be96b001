//! Billing through its API and its events, on real servers.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod access;
mod metering;
mod plans;
mod purge;
mod reservations;

use serde_json::Value;
use witan_billing::Billing;
use witan_events::contracts::council::v1::AgentRunCompleted;
use witan_ids::{RunId, WorkspaceId};
use witan_testkit::{Client, TestService};

/// Free allows three runs.
pub(crate) const PLANS: &str = r#"[
    {"key":"free","name":"Free","limits":{"runs":3},"features":[]},
    {"key":"pro","name":"Pro","limits":{"runs":5},"features":["more"]}]"#;

pub(crate) async fn billing() -> TestService<Billing> {
    TestService::start_with(|builder| builder.env("BILLING_PLANS", PLANS)).await
}

/// One metric of the workspace of `person`.
pub(crate) async fn usage(person: &Client, metric: &str) -> Value {
    let usage = person.get("/api/v1/usage").await.expect(200);
    usage.json["metrics"].as_array().unwrap().iter().find(|entry| entry["metric"] == metric).unwrap().clone()
}

pub(crate) fn completed(workspace: WorkspaceId, run: RunId) -> AgentRunCompleted {
    AgentRunCompleted {
        workspace_id: workspace.to_string(),
        run_id: run.to_string(),
        agent: "finance".to_owned(),
        status: "COMPLETED".to_owned(),
        input_tokens: 100,
        output_tokens: 40,
        cost_micros: 7,
        currency: "USD".to_owned(),
        ..AgentRunCompleted::default()
    }
}
