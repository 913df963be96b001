//! The council through its API, on real servers, with simulated models.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod admission;
mod agents;
mod budget;
mod chat;
mod context;
mod durable;
mod erasure;
mod export;
mod faults;
mod feature_flags;
mod isolation;
mod models;
mod modes;
mod openai;
mod outcomes;
mod projects;
mod purge;
mod run;
mod sessions;
mod tasks;
mod trees;

use serde_json::{Value, json};
use witan_council::Council;
use witan_testkit::{Client, TestService, eventually};

/// A model of the registry: its name, its quality, and further members of `sim`.
pub(crate) fn model(name: &str, quality: u8, sim: Value) -> Value {
    let mut settings = json!({ "latencyMs": 5, "quality": quality });
    settings.as_object_mut().unwrap().extend(sim.as_object().unwrap().clone());
    json!({
        "id": format!("sim/{name}"), "provider": "sim", "sim": settings,
        "priceMicros": { "input": 1_000_000, "output": 2_000_000 },
    })
}

/// Good, fair and poor, the last of which behaves as `sim` says.
pub(crate) fn three(sim: Value) -> Value {
    json!([model("good", 9, json!({})), model("fair", 5, json!({})), model("poor", 2, sim)])
}

/// The service with these models.
pub(crate) async fn with_models(models: Value) -> TestService<Council> {
    TestService::<Council>::start_with(|builder| builder.env("LLM_MODELS", models.to_string())).await
}

/// A question to the finance agent.
pub(crate) fn question() -> Value {
    json!({ "agent": "finance", "prompt": "How many months of runway should we raise for?" })
}

/// Asks and hangs up once the run is under way.
pub(crate) async fn ask_and_leave(person: &Client) {
    let request = person.request(reqwest::Method::POST, "/api/v1/agents/run").json(&question());
    tokio::select! {
        _ = request.send() => panic!("it was to be given up"),
        () = eventually("a run under way", async || is_any(person, "RUNNING").await) => {}
    }
}

/// Whether there is a run in this state.
pub(crate) async fn is_any(person: &Client, state: &str) -> bool {
    let runs = person.get(&format!("/api/v1/agents/runs?state={state}")).await.expect(200);
    runs.json["data"][0]["id"].is_string()
}

pub(crate) async fn ask(person: &Client) -> witan_testkit::Answer {
    person.post("/api/v1/agents/run", question()).await
}
