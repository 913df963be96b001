//! Chats of the AI SDK: what its `useChat` sends, and finding an answer again.

use reqwest::Method;
use serde_json::{Value, json};
use witan_council::Council;
use witan_testkit::{Answer, Client, Dialect, TestService, Upstream, eventually};

use crate::{is_any, model, three, with_models};

const CHAT: &str = "/api/v1/agents/chat";

fn said(role: &str, parts: Value) -> Value {
    json!({ "id": format!("msg-{role}"), "role": role, "parts": parts })
}

fn text(text: &str) -> Value {
    json!([{ "type": "text", "text": text }])
}

/// As `DefaultChatTransport` sends it.
fn chat(id: &str, messages: Value) -> Value {
    json!({ "agent": "finance", "id": id, "messages": messages, "trigger": "submit-message" })
}

fn parts(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.header("x-vercel-ai-ui-message-stream"), "v1");
    assert!(answer.text.ends_with("data: [DONE]\n\n"), "{}", answer.text);
    let data = answer.text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter_map(|part| serde_json::from_str(part).ok()).collect()
}

fn resume(id: &str) -> String {
    format!("{CHAT}/{id}/stream")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_answered_by_a_run() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let question = chat("c1", json!([said("user", text("How long should our runway be?"))]));
    let parts = parts(&ada.post(CHAT, question).await.expect(200));
    let id = parts[0]["messageId"].as_str().unwrap();
    let run = ada.get(&format!("/api/v1/agents/runs/{id}")).await.expect(200).json;
    assert_eq!(
        (&run["prompt"], &run["agent"]),
        (&json!("How long should our runway be?"), &json!("finance"))
    );
    let deltas = parts.iter().filter(|part| part["type"] == "text-delta");
    let words: String = deltas.filter_map(|part| part["delta"].as_str()).collect();
    assert_eq!(words.trim(), run["answer"]);
    assert_eq!(ada.get(&resume("c1")).await.status.as_u16(), 204, "nothing is being written");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_before_is_known() {
    let upstream = Upstream::start().await;
    let url = upstream.url(Dialect::OpenAi);
    let models = json!([{ "id": "test/m", "provider": "openai", "baseUrl": url }]);
    let service =
        TestService::<Council>::start_with(|builder| builder.env("LLM_MODELS", models.to_string())).await;
    let answer = json!([{ "type": "step-start" }, { "type": "text", "text": "Abandoned" },
        { "type": "data-council-run", "id": "9", "data": { "answer": "x" } }, { "type": "text", "text": "A year" }]);
    let messages = json!([
        said("user", text("How long?")),
        said("assistant", answer),
        said("user", text("Why so long?"))
    ]);
    let mut question = chat("c1", messages);
    question["mode"] = json!("SINGLE");
    let _ = service.member().post(CHAT, question).await.expect(200);
    let told = upstream.asked()[0].body["messages"].to_string();
    assert!(told.contains("User: How long?") && told.contains("Assistant: A year"), "{told}");
    assert!(told.contains("Why so long?") && !told.contains("Abandoned"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_found_again_by_its_chat_and_by_nobody_else() {
    let hangs = json!({ "fail": "HANG" });
    let models = json!([model("a", 5, hangs.clone()), model("b", 5, hangs.clone()), model("c", 5, hangs)]);
    let service = with_models(models).await;
    let ada = service.member();
    let (id, chat) = left(&ada, "c/1 \u{e9}").await;
    assert_eq!(ada.get(&resume("c1")).await.status.as_u16(), 204);
    assert_eq!(service.member().get(&resume(&chat)).await.status.as_u16(), 204, "it is somebody else's");
    assert_eq!(found(&ada, &chat).await, id);
    let (newer, _) = left(&ada, "c/1 \u{e9}").await;
    assert_eq!(found(&ada, &chat).await, newer, "the newest");
    ada.delete(&format!("/api/v1/agents/tasks/{newer}")).await.expect(202);
    eventually("nothing is written", async || ada.get(&resume(&chat)).await.status.as_u16() == 204).await;
}

/// Asks in a chat and hangs up; gives the run, and the chat as it stands in paths.
async fn left(ada: &Client, id: &str) -> (String, String) {
    let question = chat(id, json!([said("user", text("How long?"))]));
    let answer = ada.request(Method::POST, CHAT).json(&question).send().await.unwrap();
    let run = message_id(answer).await;
    assert!(is_any(ada, "RUNNING").await || is_any(ada, "QUEUED").await);
    (run, id.replace('/', "%2F").replace(' ', "%20"))
}

async fn found(person: &Client, chat: &str) -> String {
    message_id(person.request(Method::GET, &resume(chat)).send().await.unwrap()).await
}

/// Reads a stream up to the message's id, and leaves.
async fn message_id(mut answer: reqwest::Response) -> String {
    assert_eq!(answer.status().as_u16(), 200);
    let mut read = String::new();
    loop {
        let chunk = answer.chunk().await.unwrap().unwrap_or_else(|| panic!("{read}"));
        read.push_str(&String::from_utf8_lossy(&chunk));
        let parts =
            read.lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok());
        if let Some(id) = parts.filter_map(|part| part["messageId"].as_str().map(str::to_owned)).next() {
            return id;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_refused_and_nothing_begins() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let fine = || said("user", text("How long?"));
    let mut stranger = chat("c1", json!([fine()]));
    stranger["agent"] = json!("nobody");
    let file = json!([{ "type": "file", "mediaType": "image/png", "url": "data:," }]);
    let cases = [
        (chat("c1", json!([fine(), said("assistant", text("A year."))])), "/messages/1"),
        (chat("c1", json!([said("user", text("  "))])), "/messages/0"),
        (chat("c1", json!([said("user", text(&"x".repeat(10_241)))])), "/messages/0"),
        (chat("c1", json!([said("user", file)])), "/messages/0/parts"),
        (chat("c1", json!([said("tool", text("x")), fine()])), "/messages/0/role"),
        (chat("", json!([fine()])), "/id"),
        (chat("c1", json!([])), "/messages"),
        (stranger, "/agent"),
    ];
    for (body, pointer) in cases {
        let answer = ada.post(CHAT, body).await.expect(422);
        assert_eq!(answer.text_at("/errors/0/pointer"), pointer, "{}", answer.text);
    }
    assert_eq!(ada.get("/api/v1/agents/runs").await.expect(200).json["data"], json!([]));
    assert_eq!(service.peers().reserved(ada.workspace(), "runs"), 0);
}
