//! A stream ends well only when the model said why it stopped.

use std::time::Duration;

use witan_llm::{Call, ChatEvent, ChatStream, Completion, LlmError, Usage};

use crate::server::{Server, Then};
use crate::{call, models, question};

const FIRST: &str = r#"{"model":"m-1","choices":[{"delta":{"role":"assistant","content":""}}]}"#;
const ONE: &str = r#"{"choices":[{"delta":{"content":"Be"}}]}"#;
const TWO: &str = r#"{"choices":[{"delta":{"content":"cause."}}]}"#;
const STOP: &str = r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
const USAGE: &str = r#"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}"#;
const DONE: &str = "[DONE]";

async fn read(mut stream: ChatStream) -> (String, Result<Completion, LlmError>) {
    let mut text = String::new();
    let end = loop {
        match stream.next().await.unwrap() {
            Ok(ChatEvent::Text(piece)) => text.push_str(&piece),
            Ok(ChatEvent::Done(completion)) => break Ok(completion),
            Err(error) => break Err(error),
        }
    };
    assert!(stream.next().await.is_none(), "nothing follows the end");
    (text, end)
}

async fn streamed(events: &[&str], then: Then, call: &Call) -> (String, Result<Completion, LlmError>) {
    let server = Server::events(events, then).await;
    let stream = models(&server, "SCHEMA").stream(&question(), call).await.unwrap();
    let (head, body) = server.request();
    assert!(head.contains("accept: text/event-stream"));
    assert_eq!((&body["stream"], &body["stream_options"]["include_usage"]), (&true.into(), &true.into()));
    read(stream).await
}

#[tokio::test]
async fn a_whole_stream() {
    let (text, end) = streamed(&[FIRST, ONE, TWO, STOP, USAGE, DONE], Then::Close, &call()).await;
    let end = end.unwrap();
    assert_eq!((text.as_str(), end.text.as_str()), ("Because.", "Because."));
    assert_eq!(end.usage, Usage { input_tokens: 7, output_tokens: 2, estimated: false });
    assert!(end.time_to_first_token.unwrap() <= end.latency);
}

#[tokio::test]
async fn done_may_be_missing_but_the_reason_may_not() {
    let (_, end) = streamed(&[ONE, TWO, STOP], Then::Close, &call()).await;
    assert!(end.unwrap().usage.estimated);
    for broken in [&[ONE, TWO][..], &[ONE, TWO, DONE], &[]] {
        let (text, end) = streamed(broken, Then::Close, &call()).await;
        assert_eq!(end.unwrap_err(), LlmError::BrokenStream { received: text.len() });
    }
}

#[tokio::test]
async fn what_goes_wrong_in_the_middle_is_told_apart() {
    let limited = r#"{"error":{"code":"rate_limit_exceeded","message":"slow down"}}"#;
    for (bad, kind) in
        [(limited, "rate_limited"), ("{not json", "malformed"), (r#"{"error":"boom"}"#, "unavailable")]
    {
        let (text, end) = streamed(&[ONE, bad, STOP, DONE], Then::Close, &call()).await;
        assert_eq!((text.as_str(), end.unwrap_err().kind()), ("Be", kind));
    }
}

#[tokio::test]
async fn a_stream_that_stalls_ends_at_the_deadline() {
    let (text, end) = streamed(&[ONE], Then::Hang, &Call::within(Duration::from_millis(300))).await;
    assert_eq!((text.as_str(), end.unwrap_err()), ("Be", LlmError::Timeout));
}

#[tokio::test]
async fn an_error_before_the_stream_is_no_stream() {
    let server = Server::json(429, "retry-after: 3\r\n", "{}").await;
    let error = models(&server, "SCHEMA").stream(&question(), &call()).await.unwrap_err();
    assert_eq!(error, LlmError::RateLimited { retry_after: Some(Duration::from_secs(3)) });
}
