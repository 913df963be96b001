//! A model that is gone is replaced as the registry says.

use std::time::Duration;

use tokio::sync::broadcast::error::TryRecvError;
use witan_clock::Clock;
use witan_llm::{Call, GoneModel, LlmError};
use witan_testkit::{Behaviour, Dialect, Upstream};

use crate::{call, entry, question, with};

fn chain(upstream: &Upstream, entries: &[(&str, &str)]) -> String {
    let entries: Vec<String> =
        entries.iter().map(|(id, more)| entry(upstream, Dialect::OpenAi, id, more)).collect();
    format!("[{}]", entries.join(","))
}

fn asked(upstream: &Upstream) -> Vec<String> {
    upstream.asked().into_iter().map(|asked| asked.model).collect()
}

#[tokio::test]
async fn the_replacement_answers_and_the_answer_says_so() {
    let upstream = Upstream::start().await;
    upstream.behave_as("m", Behaviour::Status(404));
    let entries = chain(&upstream, &[("test/m", r#","replacement":"test/n""#), ("test/n", "")]);
    let models = with(&entries, &[], &Clock::system());
    let mut gone = models.gone();
    let answer = models.complete(&question(), &call()).await.unwrap();
    assert_eq!((answer.answered_by.as_str(), answer.replaced.as_deref()), ("test/n", Some("test/m")));
    let streamed = models.stream(&question(), &call()).await.unwrap().collect().await.unwrap();
    assert_eq!((streamed.answered_by.as_str(), streamed.replaced.as_deref()), ("test/n", Some("test/m")));
    assert_eq!(asked(&upstream), ["m", "n", "n"], "a model that is gone is not asked each time");
    let told = GoneModel { model: "test/m".to_owned(), replacement: Some("test/n".to_owned()) };
    assert_eq!(gone.try_recv().unwrap(), told);
    assert_eq!(gone.try_recv().unwrap_err(), TryRecvError::Empty, "told once");
}

#[tokio::test]
async fn a_chain_may_be_long_and_may_not_be_a_circle() {
    let upstream = Upstream::start().await;
    upstream.behave(Behaviour::Status(404));
    upstream.behave_as("o", Behaviour::Well);
    let long = chain(
        &upstream,
        &[("test/m", r#","replacement":"test/n""#), ("test/n", r#","replacement":"test/o""#), ("test/o", "")],
    );
    let answer = with(&long, &[], &Clock::system()).complete(&question(), &call()).await.unwrap();
    assert_eq!(answer.answered_by, "test/o");
    let circle = chain(
        &upstream,
        &[("test/m", r#","replacement":"test/n""#), ("test/n", r#","replacement":"test/m""#)],
    );
    let error = with(&circle, &[], &Clock::system()).complete(&question(), &call()).await.unwrap_err();
    assert_eq!(error.kind(), "model_gone");
    assert_eq!(asked(&upstream), ["m", "n", "o", "m", "n"]);
}

#[tokio::test]
async fn the_day_of_its_shutdown_retires_a_model() {
    let upstream = Upstream::start().await;
    let clock = witan_clock::ManualClock::at("2026-11-30T23:59:00Z".parse().unwrap());
    let last = r#","status":"DEPRECATED","shutdownOn":"2026-12-01","replacement":"test/n""#;
    let models = with(&chain(&upstream, &[("test/m", last), ("test/n", "")]), &[], &clock.clock());
    assert_eq!(models.complete(&question(), &call()).await.unwrap().replaced, None);
    clock.advance(Duration::from_secs(60));
    assert_eq!(models.complete(&question(), &call()).await.unwrap().answered_by, "test/n");
    assert_eq!(asked(&upstream), ["m", "n"]);
}

#[tokio::test]
async fn without_anybody_to_follow_it_is_gone() {
    let upstream = Upstream::start().await;
    upstream.behave(Behaviour::Status(404));
    let retired = chain(&upstream, &[("test/m", r#","status":"RETIRED""#)]);
    let models = with(&retired, &[], &Clock::system());
    let error = models.complete(&question(), &Call::within(Duration::from_secs(5))).await.unwrap_err();
    assert_eq!(error, LlmError::ModelGone { model: "m".to_owned() });
    assert_eq!(asked(&upstream), ["m"], "its provider knows best");
}
