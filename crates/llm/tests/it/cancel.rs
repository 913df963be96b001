//! Giving a call up closes its connection.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use witan_llm::{CancellationToken, ChatEvent, LlmError};

use crate::server::{Server, Then};
use crate::{call, models, question};

#[tokio::test]
async fn a_cancelled_answer_is_given_up_at_once() {
    let server = Server::raw("", Then::Hang).await;
    let cancel = CancellationToken::new();
    let call = call().cancelled_by(&cancel);
    let models = models(&server, "SCHEMA");
    let began = Instant::now();
    let question = question();
    let asked = models.complete(&question, &call);
    let cancelled = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        cancel.cancel();
    };
    let (answer, ()) = tokio::join!(asked, cancelled);
    assert_eq!(answer.unwrap_err(), LlmError::Cancelled);
    timeout(Duration::from_millis(250), server.closed()).await.unwrap();
    assert!(began.elapsed() < Duration::from_millis(300));
}

#[tokio::test]
async fn a_cancelled_stream_closes_its_connection() {
    let server = Server::events(&[r#"{"choices":[{"delta":{"content":"Be"}}]}"#], Then::Hang).await;
    let cancel = CancellationToken::new();
    let mut stream =
        models(&server, "SCHEMA").stream(&question(), &call().cancelled_by(&cancel)).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), ChatEvent::Text("Be".to_owned()));
    cancel.cancel();
    assert_eq!(stream.next().await.unwrap().unwrap_err(), LlmError::Cancelled);
    drop(stream);
    timeout(Duration::from_millis(250), server.closed()).await.unwrap();
}
