//! Chat through its API: simulated models, real webhooks on this machine, other services played.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod access;
mod conversations;
mod erasure;
mod export;
mod personas;
mod projects;
mod purge;
mod relay;
mod sealing;
mod streams;
mod traits;
mod traits_secret;

use serde_json::{Value, json};
use witan_chat::Chat;
use witan_testkit::{Client, EventStream, TestService};

pub(crate) const PERSONAS: &str = "/api/v1/personas";
pub(crate) const CONVERSATIONS: &str = "/api/v1/conversations";

pub(crate) async fn chat() -> TestService<Chat> {
    TestService::start().await
}

/// The id of a persona of the catalogue.
pub(crate) async fn platform_persona(person: &Client) -> String {
    person.get(&format!("{PERSONAS}?scope=PLATFORM&limit=1")).await.expect(200).text_at("/data/0/id")
}

/// A persona with this backend: what the API answered.
pub(crate) async fn persona(admin: &Client, name: &str, backend: Value) -> Value {
    let body = json!({ "name": name, "role": "CFO", "backend": backend });
    admin.post(PERSONAS, body).await.expect(201).json
}

/// Says something and waits for the whole answer.
pub(crate) async fn say(person: &Client, persona: &str, text: &str) -> Value {
    person.post(&ask(persona), json!({ "message": text })).await.expect(200).json
}

/// Says something and follows the answer.
pub(crate) async fn say_streamed(person: &Client, persona: &str, text: &str) -> EventStream {
    person.post_stream(&ask(persona), json!({ "message": text, "stream": true })).await
}

pub(crate) fn ask(persona: &str) -> String {
    format!("{PERSONAS}/{persona}/chat")
}
