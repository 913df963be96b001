//! Server-sent events.

use std::sync::PoisonError;

use serde_json::json;
use tokio::sync::mpsc::Sender;
use witan_testkit::EventStream;
use witan_web::{Problem, SseEvent, codes};

use crate::probe::{App, start, start_with};

async fn open(client: &witan_testkit::Client, app: &App) -> (Sender<SseEvent>, EventStream) {
    let stream = client.post_stream("/api/v1/stream", ()).await;
    let sender = app.shared.streams.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap();
    (sender, stream)
}

#[tokio::test]
async fn events_arrive_as_they_are_sent_after_a_comment_at_once() {
    let (service, app) = start().await;
    let (sender, mut stream) = open(&service.anon(), &app).await;
    let event = SseEvent::new("delta", &json!({ "text": "two\nlines" })).id("1\n2");
    sender.send(event).await.unwrap();
    let event = stream.next().await.unwrap();
    assert_eq!((event.id.as_str(), event.event.as_str()), ("12", "delta"));
    assert_eq!(event.data["text"], "two\nlines");
    assert_eq!(stream.comments, 1);
    sender.send(SseEvent::done(&json!({ "ok": true }))).await.unwrap();
    assert_eq!(stream.next().await.unwrap().event, "done");
    assert!(stream.next().await.is_none());
    sender.closed().await;
}

#[tokio::test]
async fn the_answer_asks_proxies_to_keep_their_hands_off() {
    let (service, app) = start().await;
    let anon = service.anon();
    let request = anon.request(reqwest::Method::POST, "/api/v1/stream");
    let answering = anon.send(request);
    let ending = async {
        let opened = || app.shared.streams.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let sender = witan_testkit::eventually("the stream opens", async || opened()).await;
        sender.send(SseEvent::timeout(&json!({}))).await.unwrap();
    };
    let (answer, ()) = tokio::join!(answering, ending);
    assert_eq!(answer.header("content-type"), "text/event-stream");
    assert_eq!(answer.header("x-accel-buffering"), "no");
    assert_eq!(answer.header("cache-control"), "no-cache, no-transform");
    assert!(answer.text.starts_with(": connected\n\n"), "{}", answer.text);
    assert!(answer.text.ends_with("event: timeout\ndata: {}\n\n"), "{}", answer.text);
}

#[tokio::test]
async fn a_quiet_stream_shows_that_it_is_alive() {
    let (service, app) = start_with(|builder| builder.env("SSE_HEARTBEAT", "20ms")).await;
    let anon = service.anon();
    let mut response = anon.request(reqwest::Method::POST, "/api/v1/stream").send().await.unwrap();
    let mut text = String::new();
    while text.matches("event: heartbeat\ndata: {}\n\n").count() < 3 {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
    }
    drop(app);
}

#[tokio::test]
async fn a_sender_that_goes_away_without_a_word_is_an_error() {
    let (service, app) = start().await;
    let (sender, mut stream) = open(&service.anon(), &app).await;
    drop(sender);
    let last = stream.next().await.unwrap();
    assert_eq!((last.event.as_str(), &last.data["code"]), ("error", &json!("system.stream_interrupted")));
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn nothing_comes_after_the_last_event() {
    let (service, app) = start().await;
    let (sender, stream) = open(&service.anon(), &app).await;
    sender.send(SseEvent::error(&Problem::new(&codes::TIMEOUT))).await.unwrap();
    let _ = sender.send(SseEvent::new("delta", &json!({}))).await;
    let events = stream.all().await;
    assert_eq!(events.iter().map(|event| event.event.as_str()).collect::<Vec<_>>(), ["error"]);
}

#[tokio::test]
async fn who_sends_learns_that_the_client_is_gone() {
    let (service, app) = start().await;
    let (sender, stream) = open(&service.anon(), &app).await;
    drop(stream);
    sender.closed().await;
}

#[tokio::test]
async fn a_stream_ends_when_the_service_is_drained() {
    let (mut service, app) = start().await;
    let (_sender, mut stream) = open(&service.anon(), &app).await;
    service.running().context().lifecycle.begin_drain();
    let last = stream.next().await.unwrap();
    assert_eq!((last.event.as_str(), &last.data["code"]), ("error", &json!("system.draining")));
    assert!(stream.next().await.is_none());
    assert!(service.halt().await);
}
