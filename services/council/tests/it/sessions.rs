//! Sessions with agents: a person's own, for as long as something happens in them.

use std::time::Duration;

use serde_json::{Value, json};
use witan_clock::ManualClock;
use witan_council::Council;
use witan_events::contracts::council::v1::SessionExpired;
use witan_testkit::{Answer, Client, TestService};

use crate::{question, three, with_models};

const SESSIONS: &str = "/api/v1/sessions";
const HOUR: Duration = Duration::from_secs(3600);

async fn begin(person: &Client) -> String {
    person.post(SESSIONS, json!({ "title": "Our round" })).await.expect(201).text_at("/id")
}

async fn say(person: &Client, session: &str, role: &str, content: &str) -> Answer {
    person.post(&format!("{SESSIONS}/{session}/messages"), json!({ "role": role, "content": content })).await
}

async fn list(person: &Client, path: &str) -> Vec<Value> {
    person.get(&format!("{SESSIONS}{path}")).await.expect(200).json["data"].as_array().unwrap().clone()
}

fn each<'a>(list: &'a [Value], member: &str) -> Vec<&'a Value> {
    list.iter().map(|entry| &entry[member]).collect()
}

fn in_session(session: &str) -> Value {
    let mut body = question();
    body["sessionId"] = json!(session);
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_and_used_is_listed_and_replayed_in_order() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let made = ada.post(SESSIONS, json!({ "title": "Round", "agent": "finance" })).await.expect(201);
    let id = made.text_at("/id");
    assert_eq!(made.header("location"), format!("{SESSIONS}/{id}"));
    assert_eq!((made.text_at("/state"), made.text_at("/agent")), ("ACTIVE".to_owned(), "finance".to_owned()));
    say(&ada, &id, "USER", "What is our runway?").await.expect(201);
    let tool = |tool: &str, status: &str, took: i64| json!({ "tool": tool, "type": "SEARCH", "status": status, "durationMs": took });
    let tools = format!("{SESSIONS}/{id}/tools");
    ada.post(&tools, tool("ledger", "SUCCEEDED", 100)).await.expect(201);
    ada.post(&tools, tool("ledger", "FAILED", 500)).await.expect(201);
    say(&ada, &id, "ASSISTANT", "Nine months.").await.expect(201);
    ada.post(&tools, tool("bank", "SUCCEEDED", 300)).await.expect(201);
    ada.post(&tools, tool("bank", "CANCELLED", 900)).await.expect(201);

    let history = list(&ada, &format!("/{id}/history")).await;
    assert_eq!(each(&history, "seq"), [1, 2, 3, 4, 5, 6]);
    assert_eq!(history[3]["message"]["content"], "Nine months.");
    assert_eq!((&history[2]["toolCall"]["status"], &history[2]["message"]), (&json!("FAILED"), &Value::Null));
    let first = ada.get(&format!("{SESSIONS}/{id}/history?limit=4")).await.expect(200);
    let rest = list(&ada, &format!("/{id}/history?cursor={}", first.text_at("/nextCursor"))).await;
    assert_eq!(each(&rest, "seq"), [5, 6]);

    let said = list(&ada, &format!("/{id}/messages?role=ASSISTANT")).await;
    assert_eq!(each(&said, "content"), ["Nine months."]);
    let page = ada.get(&format!("{SESSIONS}/{id}/messages?limit=1")).await.expect(200);
    let next = list(&ada, &format!("/{id}/messages?cursor={}", page.text_at("/nextCursor"))).await;
    assert_eq!(each(&next, "seq"), [4]);

    let used = ada.get(&format!("{tools}?tool=ledger&status=FAILED")).await.expect(200);
    assert_eq!(used.json["data"].as_array().unwrap().len(), 1);
    let summary = json!({ "calls": 4, "succeeded": 2, "failed": 1, "cancelled": 1,
                          "successRate": 2.0 / 3.0, "meanDurationMs": 450.0 });
    assert_eq!(used.json["summary"], summary);
    assert_eq!(ada.get(&format!("{SESSIONS}/{id}")).await.expect(200).json["entries"], 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_whole_is_refused_and_not_kept() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let id = begin(&ada).await;
    say(&ada, &id, "USER", &"x".repeat(51_200)).await.expect(201);
    for (role, content, pointer) in [
        ("USER", "x".repeat(51_201), "/content"),
        ("USER", "\u{e4}".repeat(25_601), "/content"),
        ("USER", String::new(), "/content"),
        ("ROBOT", "Hi.".to_owned(), "/role"),
    ] {
        let answer = say(&ada, &id, role, &content).await.expect_problem(422, "validation.failed");
        assert_eq!(answer.text_at("/errors/0/pointer"), pointer);
    }
    for (member, value) in
        [("type", json!("a b")), ("status", json!("OK")), ("durationMs", json!(-1)), ("tool", json!(""))]
    {
        let mut call = json!({ "tool": "bank", "type": "SEARCH", "status": "FAILED", "durationMs": 1 });
        call[member] = value;
        let answer = ada.post(&format!("{SESSIONS}/{id}/tools"), call).await;
        assert_eq!(
            answer.expect_problem(422, "validation.failed").text_at("/errors/0/pointer"),
            format!("/{member}")
        );
    }
    ada.post(SESSIONS, json!({ "agent": "astrology" })).await.expect_problem(422, "validation.failed");
    ada.get(&format!("{SESSIONS}/{id}/tools")).await.expect(200);
    assert_eq!(list(&ada, &format!("/{id}/history")).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_get_numbers_without_gaps() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let id = begin(&ada).await;
    let all = (0..12).map(|nth| {
        let (ada, id) = (ada.clone(), id.clone());
        async move { say(&ada, &id, "USER", &format!("Message {nth}")).await.expect(201).json["seq"].clone() }
    });
    let mut numbers: Vec<i64> = Vec::new();
    for number in futures_util::future::join_all(all).await {
        numbers.push(number.as_i64().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_is_read_and_not_added_to() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let id = begin(&ada).await;
    say(&ada, &id, "USER", "Hello.").await.expect(201);
    let ended = ada.post(&format!("{SESSIONS}/{id}/end"), json!({})).await.expect(200);
    assert_eq!((ended.text_at("/state"), &ended.json["expiresAt"]), ("ENDED".to_owned(), &Value::Null));
    let again = ada.post(&format!("{SESSIONS}/{id}/end"), json!({})).await.expect(200);
    assert_eq!(again.json, ended.json);
    say(&ada, &id, "USER", "Still there?").await.expect_problem(409, "council.session_over");
    let call = json!({ "tool": "bank", "type": "SEARCH", "status": "FAILED", "durationMs": 1 });
    for (path, body) in [("tools", call), ("activity", json!({}))] {
        let answer = ada.post(&format!("{SESSIONS}/{id}/{path}"), body).await;
        answer.expect_problem(409, "council.session_over");
    }
    ada.post("/api/v1/agents/run", in_session(&id)).await.expect_problem(409, "council.session_over");
    assert_eq!(list(&ada, &format!("/{id}/messages")).await.len(), 1);
    assert_eq!(each(&list(&ada, "?state=ENDED").await, "id"), [&json!(id)]);
    assert!(list(&ada, "?state=ACTIVE").await.is_empty());
    ada.delete(&format!("{SESSIONS}/{id}")).await.expect(204);
    ada.delete(&format!("{SESSIONS}/{id}")).await.expect_problem(404, "resource.not_found");
    let database = service.database().superuser().await.unwrap();
    for table in ["sessions", "session_messages", "live_sessions"] {
        let count = format!("SELECT count(*) FROM council.{table}");
        assert_eq!(database.query_one(&count, &[]).await.unwrap().get::<_, i64>(0), 0, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_the_session_of_somebody_else() {
    let service = with_models(three(json!({}))).await;
    let (ada, boss, other) = (service.member(), service.admin(), service.other_workspace());
    let id = begin(&ada).await;
    say(&ada, &id, "USER", "Between us.").await.expect(201);
    for stranger in [&boss, &other] {
        for path in ["", "/messages", "/tools", "/history"] {
            let answer = stranger.get(&format!("{SESSIONS}/{id}{path}")).await;
            answer.expect_problem(404, "resource.not_found");
        }
        for path in ["/activity", "/end"] {
            let answer = stranger.post(&format!("{SESSIONS}/{id}{path}"), json!({})).await;
            answer.expect_problem(404, "resource.not_found");
        }
        say(stranger, &id, "USER", "Mine.").await.expect_problem(404, "resource.not_found");
        stranger.delete(&format!("{SESSIONS}/{id}")).await.expect_problem(404, "resource.not_found");
        let asked = stranger.post("/api/v1/agents/run", in_session(&id)).await;
        assert_eq!(asked.expect_problem(422, "validation.failed").text_at("/errors/0/pointer"), "/sessionId");
        assert!(list(stranger, "").await.is_empty());
    }
    assert_eq!(list(&ada, &format!("/{id}/messages")).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_without_activity_it_expires_and_that_is_told_once() {
    let time = ManualClock::at("2026-11-21T09:00:00Z".parse().unwrap());
    let clock = time.clock();
    let mut service = TestService::<Council>::start_with(|builder| {
        builder.env("LLM_MODELS", three(json!({})).to_string()).clock(clock)
    })
    .await;
    let mut events = service.events().await;
    let user = service.member().user.unwrap();
    let workspace = service.workspace;
    let ada = service.person(user, Some(workspace));
    let (idle, used) = (begin(&ada).await, begin(&ada).await);
    time.advance(HOUR * 12);
    let ada = service.person(user, Some(workspace));
    ada.post(&format!("{SESSIONS}/{used}/activity"), json!({})).await.expect(200);
    assert!(service.halt().await);
    time.advance(HOUR * 12);
    Box::pin(service.resume()).await.unwrap();
    let ada = service.person(user, Some(workspace));
    // Over at once, whenever the hourly job comes.
    say(&ada, &idle, "USER", "Too late.").await.expect_problem(409, "council.session_over");
    assert_eq!(each(&list(&ada, "?state=EXPIRED").await, "id"), [&json!(idle)]);
    let (_, told) = events.next::<SessionExpired>().await;
    assert_eq!((told.session_id, told.user_id, told.entries), (idle.clone(), user.to_string(), 0));
    let shown = ada.get(&format!("{SESSIONS}/{idle}")).await.expect(200);
    assert_eq!(
        (shown.text_at("/state"), shown.text_at("/endedAt").is_empty()),
        ("EXPIRED".to_owned(), false)
    );
    assert_eq!(ada.get(&format!("{SESSIONS}/{used}")).await.expect(200).text_at("/state"), "ACTIVE");
    say(&ada, &used, "USER", "In time.").await.expect(201);
    assert!(service.halt().await);
    time.advance(HOUR * 2);
    Box::pin(service.resume()).await.unwrap();
    let ada = service.person(user, Some(workspace));
    say(&ada, &used, "USER", "And again.").await.expect(201);
    assert!(events.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_in_a_session_knows_what_was_said_and_becomes_part_of_it() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let id = begin(&ada).await;
    let plain = ada.post("/api/v1/agents/run", in_session(&id)).await.expect(200);
    assert_eq!(
        plain.json["sessionRead"],
        json!({ "whole": 0, "summarised": 0, "leftOut": 0, "summary": "NONE" })
    );
    let said = list(&ada, &format!("/{id}/messages")).await;
    assert_eq!(each(&said, "role"), ["USER", "ASSISTANT"]);
    assert_eq!((&said[0]["content"], &said[1]["content"]), (&question()["prompt"], &plain.json["answer"]));
    assert_eq!(each(&said, "runId"), [&plain.json["id"], &plain.json["id"]]);

    let more = ada.post("/api/v1/agents/run", in_session(&id)).await.expect(200);
    assert_eq!(
        more.json["sessionRead"],
        json!({ "whole": 2, "summarised": 0, "leftOut": 0, "summary": "NONE" })
    );
    assert_eq!(more.text_at("/sessionId"), id);
    let read = |run: &Answer| run.json["members"][0]["usage"]["inputTokens"].as_i64().unwrap();
    assert!(read(&more) > read(&plain), "what was said is read");
    for _ in 0..4 {
        say(&ada, &id, "USER", &"A long story. ".repeat(800)).await.expect(201);
    }
    let crowded = ada.post("/api/v1/agents/run", in_session(&id)).await.expect(200);
    let told = &crowded.json["sessionRead"];
    assert_eq!(told["whole"].as_i64().unwrap() + told["summarised"].as_i64().unwrap(), 8, "{told}");
    assert!(told["summarised"].as_i64().unwrap() >= 4, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_fails_leaves_no_answer() {
    let service = with_models(json!([crate::model("down", 5, json!({ "fail": "UNAVAILABLE" }))])).await;
    let ada = service.member();
    let id = begin(&ada).await;
    ada.post("/api/v1/agents/run", in_session(&id)).await.expect_problem(502, "council.quorum_not_met");
    assert_eq!(each(&list(&ada, &format!("/{id}/messages")).await, "role"), ["USER"]);
}
