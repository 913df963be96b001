//! What goes out in each API, and what is made of that which comes back.

use serde_json::{Value, json};
use witan_clock::Clock;
use witan_llm::{ChatRequest, FinishReason, JsonSchema, LlmError, Message, Models, Purpose, Usage};
use witan_testkit::{Dialect, Upstream};

use crate::server::{Server, Then};
use crate::{call, entry, with};

fn one(upstream: &Upstream, dialect: Dialect, more: &str) -> Models {
    let entry = entry(upstream, dialect, "test/m-1", &format!(r#","apiKeyEnv":"THE_KEY"{more}"#));
    with(&format!("[{entry}]"), &[("THE_KEY", "sk-secret")], &Clock::system())
}

fn conversation() -> ChatRequest {
    let messages = vec![
        Message::system("Be brief."),
        Message::user("Why?"),
        Message::assistant("Because."),
        Message::user("Why so?"),
    ];
    ChatRequest::new("test/m-1", Purpose::Chat, messages).temperature(1.2).max_tokens(100)
}

fn wanted() -> JsonSchema {
    let score = json!({ "type": "integer", "minimum": 1, "maximum": 10 });
    JsonSchema {
        name: "thing",
        schema: json!({ "type": "object", "additionalProperties": false, "properties": { "score": score } }),
    }
}

async fn body(dialect: Dialect, more: &str, request: &ChatRequest) -> (String, Value) {
    let upstream = Upstream::start().await;
    one(&upstream, dialect, more).complete(request, &call()).await.unwrap();
    let asked = upstream.asked().remove(0);
    (asked.head, asked.body)
}

#[tokio::test]
async fn whole_and_streamed_answers_say_the_same() {
    for dialect in Dialect::ALL {
        let upstream = Upstream::start().await;
        let models = one(&upstream, dialect, "");
        let whole = models.complete(&conversation(), &call()).await.unwrap();
        let streamed = models.stream(&conversation(), &call()).await.unwrap().collect().await.unwrap();
        assert_eq!(whole.text, streamed.text);
        assert_eq!((&whole.model, &streamed.model), (&"m-1".to_owned(), &"m-1".to_owned()), "{dialect:?}");
        assert_eq!(whole.answered_by, "test/m-1");
        assert_eq!(whole.usage, Usage { input_tokens: 7, output_tokens: 60, estimated: false });
        assert_eq!(streamed.usage, whole.usage, "{dialect:?}");
        assert_eq!(streamed.finish_reason, FinishReason::Stop);
        assert!(whole.time_to_first_token.is_none());
        assert!(streamed.time_to_first_token.unwrap() <= streamed.latency);
        let asked: Vec<bool> = upstream.asked().iter().map(|asked| asked.stream).collect();
        assert_eq!(asked, [false, true]);
    }
}

#[tokio::test]
async fn anthropic_is_asked_in_its_own_way() {
    let (head, body) = body(Dialect::Anthropic, "", &conversation()).await;
    assert!(head.starts_with("post /v1/messages ") && head.contains("x-api-key: sk-secret"), "{head}");
    assert!(head.contains("anthropic-version: 2023-06-01"));
    let messages = json!([{ "role": "user", "content": "Why?" }, { "role": "assistant", "content": "Because." },
        { "role": "user", "content": "Why so?" }]);
    let expected = json!({ "model": "m-1", "max_tokens": 100, "messages": messages, "system": "Be brief.",
        "temperature": 1.0 });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn google_is_asked_in_its_own_way() {
    let (head, body) = body(Dialect::Gemini, "", &conversation()).await;
    assert!(head.starts_with("post /v1beta/models/m-1:generatecontent "), "{head}");
    assert!(head.contains("x-goog-api-key: sk-secret"));
    let said = |role: &str, text: &str| json!({ "role": role, "parts": [{ "text": text }] });
    let contents = [said("user", "Why?"), said("model", "Because."), said("user", "Why so?")];
    let expected = json!({ "contents": contents, "systemInstruction": { "parts": [{ "text": "Be brief." }] },
        "generationConfig": { "temperature": 1.2, "maxOutputTokens": 100 } });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn json_is_asked_for_as_each_understands_it() {
    let request = conversation().json(wanted());
    let (_, told) = body(Dialect::Anthropic, "", &request).await;
    assert_eq!(told["output_config"]["format"]["type"], "json_schema");
    let score = &told["output_config"]["format"]["schema"]["properties"]["score"];
    assert!(score.get("minimum").is_none(), "bounds are refused there");
    let (_, told) = body(Dialect::Anthropic, r#","jsonMode":"OBJECT""#, &request).await;
    assert_eq!(told["tool_choice"], json!({ "type": "tool", "name": "thing" }));
    assert_eq!(told["tools"][0]["input_schema"], wanted().schema);
    let (_, told) = body(Dialect::Anthropic, r#","jsonMode":"PROMPT""#, &request).await;
    assert!(told["system"].as_str().unwrap().contains(r#""maximum":10"#));

    let (_, told) = body(Dialect::Gemini, "", &request).await;
    assert_eq!(told["generationConfig"]["responseMimeType"], "application/json");
    assert_eq!(told["generationConfig"]["responseSchema"]["properties"]["score"]["type"], "INTEGER");
    let (_, told) = body(Dialect::Gemini, r#","jsonMode":"PROMPT""#, &request).await;
    assert!(told["generationConfig"].get("responseMimeType").is_none());
    assert!(told["systemInstruction"]["parts"][1]["text"].as_str().unwrap().contains(r#""maximum":10"#));
}

#[tokio::test]
async fn a_temperature_is_left_out_where_it_is_refused() {
    for dialect in Dialect::ALL {
        let (_, body) = body(dialect, r#","fixedTemperature":true"#, &conversation()).await;
        assert!(!body.to_string().contains("temperature"), "{body}");
    }
}

async fn answered(dialect: Dialect, answer: Value) -> Result<witan_llm::Completion, LlmError> {
    let server = Server::json(200, "", &answer.to_string()).await;
    let entry =
        format!(r#"[{{"id":"test/m-1","provider":"{}","baseUrl":"{}"}}]"#, dialect.name(), server.url);
    with(&entry, &[], &Clock::system()).complete(&conversation(), &call()).await
}

#[tokio::test]
async fn a_refusal_is_no_answer() {
    let blocked = json!({ "promptFeedback": { "blockReason": "SAFETY" } });
    assert_eq!(answered(Dialect::Gemini, blocked).await.unwrap_err(), LlmError::Refused);
    let filtered = json!({ "candidates": [{ "finishReason": "SAFETY" }] });
    assert_eq!(answered(Dialect::Gemini, filtered).await.unwrap_err(), LlmError::Refused);
    let refused = json!({ "content": [], "stop_reason": "refusal" });
    assert_eq!(answered(Dialect::Anthropic, refused).await.unwrap_err(), LlmError::Refused);
    assert_eq!(answered(Dialect::Gemini, json!({})).await.unwrap_err().kind(), "malformed");
}

#[tokio::test]
async fn thoughts_are_paid_for_and_not_shown() {
    let answer = json!({ "modelVersion": "m-1-002", "candidates": [{ "finishReason": "MAX_TOKENS", "content": {
        "parts": [{ "text": "Hm.", "thought": true }, { "text": "So " }, { "text": "be it." }] } }],
        "usageMetadata": { "promptTokenCount": 3, "candidatesTokenCount": 4, "thoughtsTokenCount": 5 } });
    let answer = answered(Dialect::Gemini, answer).await.unwrap();
    assert_eq!((answer.text.as_str(), answer.model.as_str()), ("So be it.", "m-1-002"));
    assert_eq!((answer.usage.output_tokens, answer.finish_reason), (9, FinishReason::Length));
    let answer = json!({ "stop_reason": "tool_use", "content": [{ "type": "thinking", "thinking": "Hm." },
        { "type": "tool_use", "id": "t", "name": "thing", "input": { "score": 3 } }],
        "usage": { "input_tokens": 3, "cache_read_input_tokens": 4, "output_tokens": 5 } });
    let answer = answered(Dialect::Anthropic, answer).await.unwrap();
    assert_eq!((answer.text.as_str(), answer.finish_reason), (r#"{"score":3}"#, FinishReason::Stop));
    assert_eq!(answer.usage.input_tokens, 7);
}

#[tokio::test]
async fn an_error_in_the_middle_of_a_stream_is_told_apart() {
    let overloaded = r#"{"type":"error","error":{"type":"overloaded_error","message":"x"}}"#;
    let word = r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"Be"}}"#;
    let limited = r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"x"}}"#;
    let part = r#"{"candidates":[{"content":{"parts":[{"text":"Be"}]}}]}"#;
    for (dialect, events, kind) in [
        (Dialect::Anthropic, [word, overloaded], "overloaded"),
        (Dialect::Gemini, [part, limited], "rate_limited"),
    ] {
        let server = Server::events(&events, Then::Close).await;
        let entry =
            format!(r#"[{{"id":"test/m-1","provider":"{}","baseUrl":"{}"}}]"#, dialect.name(), server.url);
        let models = with(&entry, &[], &Clock::system());
        let stream = models.stream(&conversation(), &call()).await.unwrap();
        assert_eq!(stream.collect().await.unwrap_err().kind(), kind);
    }
}
