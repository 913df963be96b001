//! Webhooks through its API and its events, to real receivers on this machine.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod access;
mod batches;
mod breaker;
mod clock;
mod deletion;
mod delivery;
mod endpoints;
mod erasure;
mod export;
mod failures;
mod fan_out;
mod limits;
mod log;
mod metrics;
mod ordered;
mod pause;
mod pull;
mod replays;
mod retention;
mod rotation;
mod sealing;
mod verification;

use serde_json::{Value, json};
use standardwebhooks::Webhook;
use witan_events::Envelope;
use witan_events::contracts::tenancy::v1::StartupCreated;
use witan_ids::{StartupId, WorkspaceId};
use witan_testkit::{Client, Received, TestService, eventually};
use witan_webhooks::Webhooks;

pub(crate) const ENDPOINTS: &str = "/api/v1/webhooks/endpoints";

/// A service whose retries come at once.
pub(crate) async fn webhooks() -> TestService<Webhooks> {
    TestService::start_with(|builder| builder.env("WEBHOOKS_SCHEDULE", "20ms,20ms")).await
}

/// An endpoint of a person's workspace: what the API answered.
pub(crate) async fn endpoint(person: &Client, url: &str, events: &[&str]) -> Value {
    let body = json!({ "url": url, "events": events, "description": "A partner" });
    person.post(ENDPOINTS, body).await.expect(201).json
}

/// A start-up is created in a workspace.
pub(crate) async fn startup(service: &TestService<Webhooks>, workspace: WorkspaceId) -> Envelope {
    let id = StartupId::generate(service.clock());
    let event = StartupCreated {
        workspace_id: workspace.to_string(),
        startup_id: id.to_string(),
        name: "Analytical Engines".to_owned(),
    };
    service.tell(Some(workspace), &id.to_string(), &event).await
}

/// Whether the official library accepts a request with this secret.
pub(crate) fn verifies(received: &Received, secret: &str) -> bool {
    let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"]
        .map(|name| (name.parse::<http::HeaderName>().unwrap(), received.header(name).parse().unwrap()));
    let headers = http::HeaderMap::from_iter(headers);
    Webhook::new(secret).unwrap().verify(&received.body, &headers).is_ok()
}

/// The newest delivery of an endpoint, once it is in this state.
pub(crate) async fn delivery_in(person: &Client, endpoint: &Value, state: &str) -> Value {
    let path = format!("{ENDPOINTS}/{}/deliveries", endpoint["id"].as_str().unwrap());
    eventually(&format!("a delivery that is {state}"), async || {
        let page = person.get(&path).await.expect(200).json;
        page["data"].as_array().unwrap().iter().find(|delivery| delivery["state"] == state).cloned()
    })
    .await
}
