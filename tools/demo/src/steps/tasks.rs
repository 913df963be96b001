//! An agent of their own, a session, a run that is followed while it happens, one that is stopped, and the same council behind
//! OpenAI's API.

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Api, eventually};
use crate::report::{Report, excerpt};
use crate::sse::{Event, events};

/// Runs that the plan counts afterwards.
pub(crate) const COUNTED: u64 = 2;

pub(crate) async fn run(api: &Api, report: &mut Report) -> Result<()> {
    let agent = json!({ "agent": "pricing-coach", "name": "Pricing coach",
        "instructions": "You advise young companies on pricing. Calculate, and show the formula." });
    let made = api.post("/api/v1/agents/custom", agent, 201).await?;
    report.step("an agent of their own", format!("version {}", made.body["version"]));
    let session = api.post("/api/v1/sessions", json!({ "title": "Our first price" }), 201).await?;
    let session = session.text("/id")?;
    report.step("a session", &session);
    follow(api, &session, report).await?;
    let history = api.get(&format!("/api/v1/sessions/{session}/history")).await?;
    ensure!(history.entries()?.len() == 2, "the session does not know question and answer: {}", history.body);
    report.step("the session replayed", "question and answer");
    stop(api, report).await?;
    as_openai(api, report).await
}

/// Queues a question and follows what comes of it.
async fn follow(api: &Api, session: &str, report: &mut Report) -> Result<()> {
    let question =
        json!({ "agent": "pricing-coach", "prompt": "What should a pilot cost?", "sessionId": session });
    let task = api.post("/api/v1/agents/queue", question, 202).await?.text("/id")?;
    report.step("queue a question", &task);
    let stream = api.send(Method::GET, &format!("/api/v1/agents/stream/{task}"), None).await?;
    let seen = events(stream).await?;
    let count = |name: &str| seen.iter().filter(|event| event.name == name).count();
    ensure!(seen.last().is_some_and(|last| last.name == "done"), "the stream did not end with `done`");
    ensure!(count("chair.delta") > 0 && count("scores") > 0, "the stream does not show what happens");
    let (members, chair) = (count("member.delta"), count("chair.delta"));
    report.step("follow it", format!("{} events, {members} of members, {chair} of the chair", seen.len()));
    let said: String = seen
        .iter()
        .filter(|event| event.name == "chair.delta")
        .filter_map(|event| event.data["text"].as_str())
        .collect();
    report.detail(excerpt(&said, 110));
    Ok(())
}

/// Queues a question and changes their mind.
async fn stop(api: &Api, report: &mut Report) -> Result<()> {
    let question = json!({ "agent": "legal", "prompt": "Do we need terms of service?" });
    let task = api.post("/api/v1/agents/queue", question, 202).await?.text("/id")?;
    let path = format!("/api/v1/agents/tasks/{task}");
    let stopped = api.call(Method::DELETE, &path, None).await?;
    ensure!(stopped.status == 202, "DELETE {path} answered {}: {}", stopped.status, stopped.body);
    eventually("a task that was stopped", || async {
        Ok((api.get(&path).await?.text("/state")? == "CANCELLED").then_some(()))
    })
    .await?;
    report.step("stop another", "CANCELLED");
    Ok(())
}

/// What an OpenAI client does when its base URL is the gateway's.
async fn as_openai(api: &Api, report: &mut Report) -> Result<()> {
    let models = api.get("/v1/models").await?;
    let ids: Vec<&str> = models.entries()?.iter().filter_map(|model| model["id"].as_str()).collect();
    ensure!(ids.contains(&"council/finance"), "no council among the models: {ids:?}");
    report.step("models, as OpenAI lists them", excerpt(&ids.join(", "), 90));
    let body = json!({ "model": "council/finance", "stream": true, "stream_options": { "include_usage": true },
        "messages": [{ "role": "user", "content": "How long is a fair pilot?" }] });
    let answer = api.send(Method::POST, "/v1/chat/completions", Some(&body)).await?;
    ensure!(answer.status() == 200, "POST /v1/chat/completions answered {}", answer.status());
    let chunks = events(answer).await?;
    ensure!(chunks.last().is_some_and(|last| last.text == "[DONE]"), "the stream has no clean end");
    let usage = chunks.iter().rev().find_map(|chunk| chunk.data["usage"].as_object()).context("no usage")?;
    report.step(
        "the council behind OpenAI's API",
        format!("{} chunks, {} tokens", chunks.len(), usage["total_tokens"]),
    );
    report.detail(excerpt(&words(&chunks), 110));
    Ok(())
}

fn words(chunks: &[Event]) -> String {
    let word =
        |chunk: &Event| Value::as_str(&chunk.data["choices"][0]["delta"]["content"]).map(str::to_owned);
    chunks.iter().filter_map(word).collect()
}
