//! What the council is told of a session that has no room in its window.

use std::time::Duration;

use serde_json::{Value, json};
use witan_council::Council;
use witan_testkit::{
    Answer, AskedModel, Behaviour, Builder, Client, Dialect, TestService, Upstream, eventually,
};

use crate::question;
use crate::tasks::{reach, task};

const SESSIONS: &str = "/api/v1/sessions";
const PROGRAM: &str = env!("CARGO_BIN_EXE_witan-council");
const SUMMARY: &str = "They want to raise for eighteen months.";

/// One model that answers, and another one that summarises.
async fn two(upstream: &Upstream) -> TestService<Council> {
    upstream.say(SUMMARY);
    let behind = |name: &str| json!({ "id": format!("up/{name}"), "provider": "openai", "baseUrl": upstream.url(Dialect::OpenAi) });
    let models = json!([behind("answers"), behind("summarises")]).to_string();
    let start = |builder: Builder| {
        let builder = builder.env("LLM_MODELS", models).env("COUNCIL_RUN_LEASE", "1s");
        builder.env("COUNCIL_MEMBERS", "up/answers").env("COUNCIL_SUMMARISER", "up/summarises")
    };
    TestService::<Council>::start_with(start).await
}

/// A session in which more was said than is told in full.
async fn long_session(person: &Client) -> String {
    let id = person.post(SESSIONS, json!({})).await.expect(201).text_at("/id");
    tell_stories(person, &id, 1..=6).await;
    id
}

async fn tell_stories(person: &Client, session: &str, numbers: std::ops::RangeInclusive<usize>) {
    for number in numbers {
        let content = format!("Story {number} begins. {}", "And so on. ".repeat(700));
        let message = json!({ "role": "USER", "content": content });
        person.post(&format!("{SESSIONS}/{session}/messages"), message).await.expect(201);
    }
}

fn in_session(session: &str, budget: Value) -> Value {
    let mut body = question();
    (body["sessionId"], body["mode"], body["budget"]) = (json!(session), json!("SINGLE"), budget);
    body
}

async fn ask(person: &Client, session: &str) -> Answer {
    person.post("/api/v1/agents/run", in_session(session, json!({}))).await.expect(200)
}

/// What one of the models was asked so far, each as it read it.
fn read_by(upstream: &Upstream, model: &str) -> Vec<String> {
    let of_model = |asked: &AskedModel| asked.model == model;
    upstream.asked().iter().filter(|asked| of_model(asked)).map(|asked| asked.body.to_string()).collect()
}

fn told_of(text: &str) -> Vec<usize> {
    (1..20).filter(|number| text.contains(&format!("Story {number} begins."))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_is_summarised_by_a_model_and_the_summary_is_added_to() {
    let upstream = Upstream::start().await;
    let service = two(&upstream).await;
    let ada = service.member();
    let id = long_session(&ada).await;
    assert_eq!(ada.get(&format!("{SESSIONS}/{id}")).await.expect(200).json["summary"], Value::Null);

    let first = ask(&ada, &id).await.json;
    let read = json!({ "whole": 2, "summarised": 4, "leftOut": 0, "summary": "MODEL" });
    assert_eq!(first["sessionRead"], read);
    let (summarised, answered) = (read_by(&upstream, "summarises"), read_by(&upstream, "answers"));
    assert_eq!((summarised.len(), answered.len()), (1, 1));
    assert_eq!((told_of(&summarised[0]), told_of(&answered[0])), (vec![1, 2, 3, 4], vec![5, 6]));
    assert!(summarised[0].contains("<<<said - "), "fenced as data: {}", summarised[0]);
    assert!(answered[0].contains(SUMMARY), "{}", answered[0]);
    let database = service.database().superuser().await.unwrap();
    let of_summary =
        "SELECT input_tokens, output_tokens, cost_micros FROM council.run_calls WHERE key = 'summary/1'";
    let paid: i64 = database.query_one(of_summary, &[]).await.unwrap().get("output_tokens");
    let by_member = first["members"][0]["usage"]["outputTokens"].as_i64().unwrap();
    assert_eq!(first["usage"]["outputTokens"], json!(by_member + paid), "the summary is paid for by the run");
    let shown = ada.get(&format!("{SESSIONS}/{id}")).await.expect(200).json;
    assert_eq!(shown["summary"], json!({ "text": SUMMARY, "messages": 4, "upTo": 4 }));
    let held = service.told_of(service.workspace).await;
    let session = held.iter().find(|line| line["kind"] == "session").unwrap();
    assert_eq!(session["summary"]["text"], SUMMARY, "it goes where the session goes");
    let run = held.iter().find(|line| line["kind"] == "run").unwrap();
    assert!(run["context"].as_str().unwrap().contains(SUMMARY));

    // What came since has room.
    let second = ask(&ada, &id).await.json;
    let read = json!({ "whole": 4, "summarised": 4, "leftOut": 0, "summary": "MODEL" });
    assert_eq!(second["sessionRead"], read);
    assert_eq!(read_by(&upstream, "summarises").len(), 1, "nothing is summarised twice");
    assert!(read_by(&upstream, "answers")[1].contains(SUMMARY));

    tell_stories(&ada, &id, 7..=9).await;
    upstream.say("Now they are profitable.");
    let third = ask(&ada, &id).await.json;
    let summarised = read_by(&upstream, "summarises");
    assert_eq!(summarised.len(), 2);
    assert_eq!(told_of(&summarised[1]), [5, 6, 7], "only what is new");
    assert!(summarised[1].contains("<<<summary - ") && summarised[1].contains(SUMMARY), "{}", summarised[1]);
    assert_eq!(told_of(&read_by(&upstream, "answers")[2]), [8, 9]);
    let read = json!({ "whole": 2, "summarised": 11, "leftOut": 0, "summary": "MODEL" });
    assert_eq!(third["sessionRead"], read);
    let shown = ada.get(&format!("{SESSIONS}/{id}")).await.expect(200).json;
    assert_eq!(shown["summary"], json!({ "text": "Now they are profitable.", "messages": 11, "upTo": 11 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_summary_the_beginning_of_each_message_is_told() {
    let upstream = Upstream::start().await;
    let service = two(&upstream).await;
    let ada = service.member();
    let id = long_session(&ada).await;
    upstream.behave_as("summarises", Behaviour::Status(401));
    let run = ask(&ada, &id).await.json;
    let read = json!({ "whole": 3, "summarised": 3, "leftOut": 0, "summary": "SHORTENED" });
    assert_eq!(run["sessionRead"], read);
    assert_eq!(told_of(&read_by(&upstream, "answers")[0]), [1, 2, 3, 4, 5, 6]);
    assert_eq!(ada.get(&format!("{SESSIONS}/{id}")).await.expect(200).json["summary"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_is_missing_for_a_summary_that_the_budget_does_not_allow() {
    let upstream = Upstream::start().await;
    let service = two(&upstream).await;
    let ada = service.member();
    let id = long_session(&ada).await;
    for (calls, summary, asked) in [(1, "SHORTENED", 0), (2, "MODEL", 1)] {
        let body = in_session(&id, json!({ "calls": calls }));
        let run = ada.post("/api/v1/agents/run", body).await.expect(200).json;
        assert_eq!((&run["sessionRead"]["summary"], &run["degraded"]), (&json!(summary), &json!(false)));
        assert_eq!(read_by(&upstream, "summarises").len(), asked);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_costs_no_summary_twice() {
    let upstream = Upstream::start().await;
    let mut service = two(&upstream).await;
    let user = service.member().user.unwrap();
    service.halt().await;
    let process = service.process(PROGRAM).await;
    let there = process.person(user, Some(service.workspace)).in_workspace(service.workspace);
    let session = long_session(&there).await;
    upstream.behave_as("answers", Behaviour::SlowStart(Duration::from_secs(30)));
    let queued = there.post("/api/v1/agents/queue", in_session(&session, json!({}))).await.expect(202);
    let id = queued.text_at("/id");
    assert_eq!(queued.json["run"]["sessionRead"], Value::Null, "nothing was told yet");
    eventually("the member is asked", async || read_by(&upstream, "answers").len() == 1).await;
    let finished = async || {
        let events = there.get(&format!("{}/events?after=0", task(&id))).await.expect(200);
        events.text.contains("summary.finished")
    };
    eventually("the summary is in the journal", finished).await;
    process.kill();
    upstream.behave_as("answers", Behaviour::Well);
    Box::pin(service.resume()).await.unwrap();
    let ada = service.person(user, Some(service.workspace)).in_workspace(service.workspace);
    reach(&ada, &id, "SUCCEEDED").await;
    assert_eq!(read_by(&upstream, "summarises").len(), 1);
    let read = read_by(&upstream, "answers");
    assert!(read.len() == 2 && read.iter().all(|read| read.contains(SUMMARY)), "{read:?}");
    let shown = ada.get(&format!("{SESSIONS}/{session}")).await.expect(200).json;
    assert_eq!(shown["summary"]["messages"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_a_run_stops_its_summary() {
    let upstream = Upstream::start().await;
    let service = two(&upstream).await;
    let ada = service.member();
    let session = long_session(&ada).await;
    upstream.behave_as("summarises", Behaviour::SlowStart(Duration::from_secs(30)));
    let queued = ada.post("/api/v1/agents/queue", in_session(&session, json!({}))).await.expect(202);
    let id = queued.text_at("/id");
    eventually("it is asked", async || read_by(&upstream, "summarises").len() == 1).await;
    ada.delete(&task(&id)).await.expect(202);
    upstream.wait_closed(1).await;
    reach(&ada, &id, "CANCELLED").await;
    assert!(read_by(&upstream, "answers").is_empty(), "nobody is asked after that");
    let run = ada.get(&format!("/api/v1/agents/runs/{id}")).await.expect(200).json;
    assert_eq!(run["sessionRead"], Value::Null);
}
