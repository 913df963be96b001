//! The catalogue, a persona answered by its own webhook, one answered by a model, whole and streamed.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::json;

use crate::api::Api;
use crate::receiver::Receiver;
use crate::report::{Report, excerpt};
use crate::sse::events;

pub(crate) async fn run(api: &Api, receiver: &Receiver, report: &mut Report) -> Result<()> {
    let page = api.get("/api/v1/personas?limit=100").await?;
    let personas = page.entries()?;
    ensure!(personas.len() >= 6, "the catalogue has only {} personas", personas.len());
    let names: Vec<_> = personas.iter().filter_map(|persona| persona["name"].as_str()).collect();
    report.step("the catalogue", format!("{} personas: {}", names.len(), excerpt(&names.join(", "), 90)));
    let modelled = personas[0]["id"].as_str().context("a persona without an id")?.to_owned();

    let persona = json!({
        "name": "Grace from operations",
        "role": "Head of Operations",
        "about": "Ran the back office of a factory for ten years.",
        "backend": { "kind": "WEBHOOK", "url": receiver.url("/persona") },
    });
    let created = api.post("/api/v1/personas", persona, 201).await?;
    let own = created.text("/id")?;
    report.step("a persona with its own webhook", &own);
    let path = format!("/api/v1/personas/{own}/chat");
    let answer = api.post(&path, json!({ "message": "Which invoices first?" }), 200).await?;
    ensure!(
        receiver.persona_calls() == 1,
        "the persona's webhook was called {} times",
        receiver.persona_calls()
    );
    report.step("ask it, whole answer", excerpt(&answer.text("/message/content")?, 90));

    let streamed =
        stream(api, &format!("/api/v1/personas/{modelled}/chat"), "How do I price a pilot?").await?;
    report.step("ask a model's persona, streamed", format!("{} pieces over SSE", streamed.pieces));
    report.detail(excerpt(&streamed.text, 110));

    let conversations = api.get("/api/v1/conversations").await?;
    report.step(
        "conversations",
        format!("{}: {}", conversations.entries()?.len(), conversations.text("/data/0/title")?),
    );
    let conversation = answer.text("/conversationId")?;
    let messages = api.get(&format!("/api/v1/conversations/{conversation}/messages")).await?;
    ensure!(messages.entries()?.len() == 2, "question and answer are not both stored: {}", messages.body);
    report.step("messages of the first", "question and answer stored");
    Ok(())
}

struct Streamed {
    pieces: usize,
    text: String,
}

/// Reads a whole event stream, which must end with `done`.
async fn stream(api: &Api, path: &str, message: &str) -> Result<Streamed> {
    let response = api.send(Method::POST, path, Some(&json!({ "message": message, "stream": true }))).await?;
    ensure!(response.status() == 200, "POST {path} answered {}", response.status());
    let mut streamed = Streamed { pieces: 0, text: String::new() };
    let mut last = String::new();
    for event in events(response).await? {
        if event.name == "delta" {
            streamed.pieces += 1;
            streamed.text.push_str(event.data["text"].as_str().unwrap_or_default());
        }
        last = event.name;
    }
    ensure!(last == "done", "the stream ended with '{last}' instead of 'done'");
    ensure!(streamed.pieces > 1, "the answer came in one piece");
    Ok(streamed)
}
