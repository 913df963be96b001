use serde_json::json;
use witan_llm::{FinishReason, JsonSchema, LlmError, Usage};

use crate::server::{Server, Then};
use crate::{call, models, question};

const ANSWER: &str = r#"{"model":"m-1-0613","choices":[{"message":{"content":"Because."},"finish_reason":"stop"}],
    "usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}}"#;

#[tokio::test]
async fn a_whole_answer() {
    let server = Server::json(200, "", ANSWER).await;
    let answer = models(&server, "SCHEMA").complete(&question(), &call()).await.unwrap();
    assert_eq!((answer.text.as_str(), answer.model.as_str()), ("Because.", "m-1-0613"));
    assert_eq!(answer.usage, Usage { input_tokens: 7, output_tokens: 2, estimated: false });
    assert_eq!(answer.finish_reason, FinishReason::Stop);
    let (head, body) = server.request();
    assert!(head.starts_with("post /v1/chat/completions "), "{head}");
    assert!(head.contains("authorization: bearer sk-secret"));
    let messages = json!([{ "role": "user", "content": "Why?" }]);
    assert_eq!(body, json!({ "model": "m-1", "messages": messages, "temperature": 0.7, "max_tokens": 100 }));
}

#[tokio::test]
async fn json_is_asked_for_as_the_provider_understands_it() {
    let wanted = || JsonSchema { name: "thing", schema: json!({ "type": "object" }) };
    let server = Server::json(200, "", ANSWER).await;
    models(&server, "SCHEMA").complete(&question().json(wanted()), &call()).await.unwrap();
    let format = &server.request().1["response_format"];
    assert_eq!(
        format["json_schema"],
        json!({ "name": "thing", "schema": { "type": "object" }, "strict": true })
    );

    let server = Server::json(200, "", ANSWER).await;
    models(&server, "PROMPT").complete(&question().json(wanted()), &call()).await.unwrap();
    let (_, body) = server.request();
    assert!(body.get("response_format").is_none());
    assert!(body["messages"][1]["content"].as_str().unwrap().contains(r#"{"type":"object"}"#));
}

#[tokio::test]
async fn usage_is_estimated_where_the_provider_does_not_say() {
    let server = Server::json(200, "", r#"{"choices":[{"message":{"content":"12345"}}]}"#).await;
    let answer = models(&server, "SCHEMA").complete(&question(), &call()).await.unwrap();
    assert_eq!(answer.usage, Usage { input_tokens: 1, output_tokens: 2, estimated: true });
}

#[tokio::test]
async fn failures_are_told_apart() {
    let kinds = [
        (401, "{}", "auth"),
        (404, "{}", "model_gone"),
        (400, r#"{"error":{"code":"model_decommissioned"}}"#, "model_gone"),
        (400, r#"{"error":{"message":"too long"}}"#, "bad_request"),
        (400, r#"{"error":{"code":"content_filter"}}"#, "refused"),
        (429, "{}", "rate_limited"),
        (500, "{}", "unavailable"),
        (503, "busy", "unavailable"),
        (302, "", "unavailable"),
        (200, "<html>", "malformed"),
        (200, r#"{"choices":[]}"#, "malformed"),
        (200, r#"{"choices":[{"message":{"refusal":"No."}}]}"#, "refused"),
    ];
    for (status, body, kind) in kinds {
        let server = Server::json(status, "", body).await;
        let error = models(&server, "SCHEMA").complete(&question(), &call()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {body}");
        server.request();
    }
}

#[tokio::test]
async fn retry_after_is_handed_on() {
    let server = Server::json(429, "retry-after: 3\r\n", "{}").await;
    let error = models(&server, "SCHEMA").complete(&question(), &call()).await.unwrap_err();
    assert_eq!(error, LlmError::RateLimited { retry_after: Some(std::time::Duration::from_secs(3)) });
}

#[tokio::test]
async fn nobody_there_and_an_answer_cut_short() {
    let server = Server::raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"cho", Then::Close).await;
    let error = models(&server, "SCHEMA").complete(&question(), &call()).await.unwrap_err();
    assert_eq!(error.kind(), "unavailable");
    let mut nobody = server;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    nobody.url = format!("http://{free}");
    let error = models(&nobody, "SCHEMA").complete(&question(), &call()).await.unwrap_err();
    assert_eq!(error.kind(), "unavailable");
}
