//! `Idempotency-Key`.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use witan_clock::{Clock, ManualClock};
use witan_ids::UserId;
use witan_testkit::{Answer, Client, TestService};

use crate::probe::{Probe, start, start_with};

const MAKE: &str = "/api/v1/make";

async fn make(client: &Client, key: &str, name: &str) -> Answer {
    client.post_once(key, MAKE, json!({ "name": name })).await
}

#[tokio::test]
async fn the_same_request_is_done_once_and_answered_the_same() {
    let (service, app) = start().await;
    let member = service.member();
    let first = make(&member, "k", "a").await.expect(201);
    let again = make(&member, "k", "a").await.expect(201);
    assert_eq!(first.text, again.text);
    for header in ["location", "content-type"] {
        assert_eq!(first.header(header), again.header(header));
    }
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    assert_ne!(first.header("x-request-id"), again.header("x-request-id"));
    assert_eq!(app.made(), 1);
    let _ = make(&member, "another", "a").await.expect(201);
    let _ = member.post(MAKE, json!({ "name": "a" })).await.expect(201);
    assert_eq!(app.made(), 3);
}

#[tokio::test]
async fn another_request_with_the_key_is_422() {
    let (service, app) = start().await;
    let member = service.member();
    let _ = make(&member, "k", "a").await.expect(201);
    let refused = make(&member, "k", "b").await.expect_problem(422, "idempotency.key_reused");
    assert!(refused.headers.get("retry-after").is_none(), "trying again does not help");
    assert_eq!(app.made(), 1);
}

#[tokio::test]
async fn callers_workspaces_and_operations_do_not_share_keys() {
    let (service, app) = start().await;
    let member = service.member();
    let _ = make(&member, "k", "a").await.expect(201);
    let _ = make(&service.member(), "k", "b").await.expect(201);
    let _ = make(&service.other_workspace(), "k", "c").await.expect(201);
    app.shared.release.notify_one();
    let _ = member.post_once("k", "/api/v1/slow", ()).await.expect(200);
    assert_eq!(app.made(), 4);
}

#[tokio::test]
async fn a_key_that_is_none_is_400() {
    let (service, app) = start().await;
    let member = service.member();
    for key in ["".to_owned(), "x".repeat(256), "schl\u{fc}ssel".to_owned()] {
        make(&member, &key, "a").await.expect_problem(400, "idempotency.key_invalid");
    }
    let twice =
        member.request(Method::POST, MAKE).header("Idempotency-Key", "a").header("Idempotency-Key", "b");
    member.send(twice.json(&json!({ "name": "a" }))).await.expect_problem(400, "idempotency.key_invalid");
    assert_eq!(app.made(), 0);
    let _ = make(&member, &"x".repeat(255), "a").await.expect(201);
}

#[tokio::test]
async fn while_the_first_is_under_way_the_second_is_409() {
    let (service, app) = start().await;
    let member = service.member();
    let first = member.post_once("k", "/api/v1/slow", ());
    let second = async {
        app.shared.entered.notified().await;
        let refused = member.post_once("k", "/api/v1/slow", ()).await;
        app.shared.release.notify_one();
        refused.expect_problem(409, "idempotency.in_flight")
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(second.header("retry-after"), "1");
    assert_eq!(first.expect(200).json["made"], 1);
    assert_eq!(member.post_once("k", "/api/v1/slow", ()).await.expect(200).json["made"], 1);
}

#[tokio::test]
async fn many_at_once_are_done_once() {
    let (service, app) = start().await;
    let member = service.member();
    let calls = (0..20).map(|_| make(&member, "k", "a"));
    let answers = futures_util::future::join_all(calls).await;
    assert!(answers.iter().all(|answer| [201, 409].contains(&answer.status.as_u16())));
    assert_eq!(app.made(), 1);
}

#[tokio::test]
async fn failures_and_conflicts_are_not_kept_and_mistakes_are() {
    let (service, app) = start().await;
    let member = service.member();
    for _ in 0..2 {
        make(&member, "broken", "broken").await.expect_problem(500, "system.internal");
        make(&member, "taken", "taken").await.expect_problem(409, "resource.conflict");
    }
    assert_eq!(app.made(), 4);
    for _ in 0..2 {
        let answer = make(&member, "wrong", "wrong").await.expect_problem(422, "validation.failed");
        assert_eq!(answer.json["requestId"], answer.header("x-request-id"));
        assert_eq!(answer.json["instance"], MAKE);
        assert_eq!(answer.json["errors"][0]["code"], "probe.wrong");
    }
    assert_eq!(app.made(), 5);
}

/// What a process that was killed leaves behind: a row that says that it is under way.
async fn crash(service: &TestService<Probe>) {
    let database = service.database().superuser().await.unwrap();
    let forget = "UPDATE probe.idempotency_keys SET status = NULL, headers = NULL, body = NULL";
    assert_eq!(database.execute(forget, &[]).await.unwrap(), 1);
}

#[tokio::test]
async fn a_claim_that_a_crash_left_behind_ends_after_a_minute() {
    let time = ManualClock::at(Clock::system().now());
    let (service, app) = start_with(|builder| builder.clock(time.clock())).await;
    let member = service.member();
    let _ = make(&member, "k", "a").await.expect(201);
    crash(&service).await;
    make(&member, "k", "a").await.expect_problem(409, "idempotency.in_flight");
    time.advance(Duration::from_secs(61));
    make(&member, "k", "b").await.expect_problem(422, "idempotency.key_reused");
    assert_eq!(make(&member, "k", "a").await.expect(201).json["number"], 2);
    assert_eq!(make(&member, "k", "a").await.expect(201).json["number"], 2);
    assert_eq!(app.made(), 2);
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day() {
    let time = ManualClock::at(Clock::system().now());
    let (service, _) = start_with(|builder| builder.clock(time.clock())).await;
    let user = UserId::generate(service.clock());
    service.peers().member(user, service.workspace);
    let number = async || {
        let person = service.person(user, Some(service.workspace));
        make(&person, "k", "a").await.expect(201).json["number"].clone()
    };
    assert_eq!(number().await, 1);
    time.advance(Duration::from_secs(24 * 3600 - 1));
    assert_eq!(number().await, 1);
    time.advance(Duration::from_secs(2));
    assert_eq!(number().await, 2);
}

#[tokio::test]
async fn what_is_kept_is_not_readable_in_the_database() {
    let (service, _) = start().await;
    let _ = make(&service.member(), "k", "topsecretname").await.expect(201);
    let database = service.database().superuser().await.unwrap();
    let row = database.query_one("SELECT body FROM probe.idempotency_keys", &[]).await.unwrap();
    let body: Vec<u8> = row.get(0);
    assert!(!body.is_empty() && !String::from_utf8_lossy(&body).contains("topsecret"));
}

#[tokio::test]
async fn rows_are_swept_when_their_day_is_over() {
    let time = ManualClock::at(Clock::system().now());
    let (service, _) = start_with(|builder| builder.clock(time.clock())).await;
    let _ = make(&service.member(), "k", "a").await.expect(201);
    let context = service.running().context();
    let store = witan_web::IdempotencyStore::new(&context.pg, &context.cipher, &context.clock);
    assert_eq!(store.sweep().await.unwrap(), 0);
    time.advance(Duration::from_secs(24 * 3600 + 1));
    assert_eq!(store.sweep().await.unwrap(), 1);
}
