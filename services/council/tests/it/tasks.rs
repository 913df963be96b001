//! Asking without waiting: tasks, their streams, and stopping them.

use reqwest::Method;
use serde_json::{Value, json};
use witan_access::permission;
use witan_council::Council;
use witan_events::contracts::council::v1::{AgentRunCompleted, AgentRunFailed};
use witan_ids::UserId;
use witan_testkit::{
    Behaviour, Client, Dialect, EventStream, StreamEvent, TestService, Upstream, eventually,
};

use crate::{model, question, three, with_models};

const QUEUE: &str = "/api/v1/agents/queue";

pub(crate) fn task(id: &str) -> String {
    format!("/api/v1/agents/tasks/{id}")
}

/// Asks without waiting.
pub(crate) async fn queue(person: &Client) -> String {
    person.post(QUEUE, question()).await.expect(202).text_at("/id")
}

pub(crate) async fn state(person: &Client, id: &str) -> String {
    person.get(&task(id)).await.expect(200).text_at("/state")
}

pub(crate) async fn reach(person: &Client, id: &str, wanted: &str) {
    eventually(wanted, async || state(person, id).await == wanted).await;
}

pub(crate) async fn open(person: &Client, id: &str, after: Option<&str>) -> EventStream {
    let mut request = person.request(Method::GET, &format!("/api/v1/agents/stream/{id}"));
    if let Some(after) = after {
        request = request.header("Last-Event-ID", after);
    }
    EventStream::of(request.send().await.unwrap()).await
}

fn names(events: &[StreamEvent]) -> Vec<&str> {
    events.iter().map(|event| event.event.as_str()).collect()
}

fn text_of(events: &[StreamEvent], kind: &str, seat: Value) -> String {
    let those = events.iter().filter(|event| event.event == kind && event.data["seat"] == seat);
    those.filter_map(|event| event.data["text"].as_str()).collect()
}

/// Words come one after the other, so that there is something to see.
fn writing() -> Value {
    json!([
        model("good", 9, json!({ "tokenMs": 3 })),
        model("fair", 5, json!({ "tokenMs": 2 })),
        model("poor", 2, json!({ "tokenMs": 2 }))
    ])
}

/// Three of which none ever answers.
fn hanging() -> Value {
    let hangs = json!({ "fail": "HANG" });
    json!([model("a", 5, hangs.clone()), model("b", 5, hangs.clone()), model("c", 5, hangs)])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_worked_on_and_told_once() {
    let service = with_models(three(json!({}))).await;
    let mut events = service.events().await;
    let ada = service.member();
    let asked = ada.post(QUEUE, question()).await.expect(202);
    let id = asked.text_at("/id");
    assert_eq!(asked.header("location"), task(&id));
    assert!(["QUEUED", "RUNNING"].contains(&asked.text_at("/state").as_str()));
    reach(&ada, &id, "SUCCEEDED").await;
    let shown = ada.get(&task(&id)).await.expect(200).json;
    assert_eq!(shown["run"], ada.get(&format!("/api/v1/agents/runs/{id}")).await.expect(200).json);
    assert!(!shown["run"]["answer"].as_str().unwrap().is_empty());
    let (_, told) = events.next::<AgentRunCompleted>().await;
    assert_eq!(told.run_id, id);
    assert!(events.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_queues_once() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let first = ada.post_once("once", QUEUE, question()).await.expect(202);
    let again = ada.post_once("once", QUEUE, question()).await.expect(202);
    assert_eq!(first.json, again.json);
    assert_eq!(service.peers().reserved(ada.workspace(), "runs"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_the_same_whenever_and_however_they_look() {
    let service = with_models(writing()).await;
    let ada = service.member();
    let id = queue(&ada).await;
    let live = open(&ada, &id, None).await.all().await;
    let seqs: Vec<String> = (1..=live.len()).map(|seq| seq.to_string()).collect();
    assert_eq!(live.iter().map(|event| event.id.clone()).collect::<Vec<_>>(), seqs, "without gaps");
    let run = ada.get(&format!("/api/v1/agents/runs/{id}")).await.expect(200).json;
    let (first, last) = (&live[0], live.last().unwrap());
    assert_eq!((first.event.as_str(), last.event.as_str()), ("run.started", "done"));
    assert_eq!(last.data, run);

    // What was shown as it came is what there is in the end.
    for member in run["members"].as_array().unwrap() {
        assert_eq!(text_of(&live, "member.delta", member["seat"].clone()).trim(), member["answer"]);
    }
    assert_eq!(text_of(&live, "chair.delta", Value::Null).trim(), run["answer"]);
    assert!(names(&live).iter().filter(|name| **name == "member.delta").count() > 6, "in pieces");
    let stages: Vec<_> =
        live.iter().filter(|event| event.event == "run.stage").map(|event| &event.data["stage"]).collect();
    assert_eq!(stages, ["ANSWERS", "CRITIQUE", "SYNTHESIS"]);
    let scores = live.iter().find(|event| event.event == "scores").unwrap();
    assert_eq!(scores.data["scores"].as_array().unwrap().len(), 3);

    assert_eq!(open(&ada, &id, None).await.all().await, live);
    for at in [0, live.len() / 2, live.len() - 2] {
        assert_eq!(open(&ada, &id, Some(&live[at].id)).await.all().await, live[at + 1..]);
    }
    let over = format!("/api/v1/agents/stream/{id}?after={}", live.len());
    ada.get(&over).await.expect(204);
    let polled = ada.get(&format!("{}/events?after=2", task(&id))).await.expect(200).json;
    let told: Vec<_> =
        polled["events"].as_array().unwrap().iter().map(|event| event["data"].clone()).collect();
    assert_eq!(told, live[2..].iter().map(|event| event.data.clone()).collect::<Vec<_>>());
    assert_eq!((&polled["ended"], &polled["after"]), (&json!(true), &json!(live.len())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_waits_for_what_comes_next() {
    let service = with_models(hanging()).await;
    let ada = service.member();
    let id = queue(&ada).await;
    reach(&ada, &id, "RUNNING").await;
    let events = format!("{}/events", task(&id));
    eventually("all are asked", async || {
        let page = ada.get(&events).await.expect(200).json;
        page["events"].as_array().unwrap().iter().filter(|event| event["event"] == "member.started").count()
            == 3
    })
    .await;
    let after = ada.get(&events).await.expect(200).json["after"].as_i64().unwrap();
    let nothing = ada.get(&format!("{events}?after={after}")).await.expect(200).json;
    assert_eq!((&nothing["events"], &nothing["ended"]), (&json!([]), &json!(false)));
    let path = format!("{events}?after={after}&waitSeconds=20");
    let stopped = task(&id);
    let (next, _) = tokio::join!(ada.get(&path), ada.delete(&stopped));
    let next = next.expect(200).json;
    assert!(!next["events"].as_array().unwrap().is_empty());
    ada.get(&format!("{events}?waitSeconds=31")).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_waits_is_stopped_at_once() {
    let service = TestService::<Council>::start_with(|builder| {
        builder.env("LLM_MODELS", hanging().to_string()).env("COUNCIL_MAX_RUNS", "1")
    })
    .await;
    let mut events = service.events().await;
    let ada = service.member();
    let busy = queue(&ada).await;
    reach(&ada, &busy, "RUNNING").await;
    let waiting = queue(&ada).await;
    let stopped = ada.delete(&task(&waiting)).await.expect(202);
    assert_eq!(stopped.text_at("/state"), "CANCELLED");
    ada.delete(&task(&waiting)).await.expect_problem(409, "council.run_ended");
    let (_, told) = events.next::<AgentRunFailed>().await;
    assert_eq!((told.run_id, told.code.as_str()), (waiting.clone(), "council.cancelled"));
    assert_eq!(open(&ada, &waiting, None).await.all().await.len(), 1, "its end is all there is to see");
    assert_eq!(state(&ada, &busy).await, "RUNNING");
    assert!(events.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_stopped_at_any_stage_and_what_it_took_is_counted() {
    for purpose in ["ANSWER", "CRITIQUE", "SYNTHESIS"] {
        let hangs = json!({ "fail": "HANG", "failPurposes": [purpose] });
        let models =
            json!([model("a", 7, hangs.clone()), model("b", 5, hangs.clone()), model("c", 3, hangs)]);
        let service = with_models(models).await;
        let mut events = service.events().await;
        let ada = service.member();
        let id = queue(&ada).await;
        let mut stream = open(&ada, &id, None).await;
        let begins = match purpose {
            "ANSWER" => "member.started",
            "CRITIQUE" => "review.started",
            _ => "chair.started",
        };
        while stream.next().await.expect("an event").event != begins {}
        let soon = ada.delete(&task(&id)).await.expect(202).text_at("/state");
        assert!(["CANCELLING", "CANCELLED"].contains(&soon.as_str()), "{soon}");
        let rest = stream.all().await;
        let last = rest.last().unwrap();
        assert_eq!((last.event.as_str(), &last.data["state"]), ("done", &json!("CANCELLED")));
        assert_eq!((&last.data["answer"], &last.data["failure"]), (&Value::Null, &Value::Null));
        let run = ada.get(&format!("/api/v1/agents/runs/{id}")).await.expect(200).json;
        assert!(run["usage"]["inputTokens"].as_i64().unwrap() > 100, "{purpose}: {run}");
        assert_eq!(run["tokensEstimated"], true);
        let (_, told) = events.next::<AgentRunFailed>().await;
        assert_eq!(told.code, "council.cancelled");
        assert_eq!(json!(told.input_tokens), run["usage"]["inputTokens"]);
        ada.delete(&task(&id)).await.expect_problem(409, "council.run_ended");
        assert!(events.rest().await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_replica_stops_what_this_one_carries() {
    let service = with_models(hanging()).await;
    let replica = service.replica().await.unwrap();
    let ada = service.member();
    let there = Client::anonymous(format!("http://{}/", replica.public_addr).parse().unwrap())
        .with_token(ada.token().unwrap())
        .in_workspace(service.workspace);
    let run = async { ada.post("/api/v1/agents/run", question()).await };
    let stop = async {
        let running = "/api/v1/agents/runs?state=RUNNING";
        let id =
            eventually("a run", async || there.get(running).await.json.pointer("/data/0/id").cloned()).await;
        let id = id.as_str().unwrap().to_owned();
        let began = tokio::time::Instant::now();
        there.delete(&task(&id)).await.expect(202);
        reach(&there, &id, "CANCELLED").await;
        began.elapsed()
    };
    let (waited, took) = tokio::join!(run, stop);
    waited.expect_problem(409, "council.cancelled");
    assert!(took.as_secs() < 5, "{took:?}");
    replica.stop().await;
}

/// The budget is a quarter of a second, which the bench measures; here is room for a busy machine.
#[tokio::test(flavor = "multi_thread")]
async fn stopping_closes_every_connection_to_a_provider_wherever_it_is_asked() {
    let upstream = Upstream::start().await;
    upstream.behave(Behaviour::Stall);
    let behind = |name: &str| json!({ "id": format!("up/{name}"), "provider": "openai", "baseUrl": upstream.url(Dialect::OpenAi) });
    let service = with_models(json!([behind("a"), behind("b"), behind("c")])).await;
    let replica = service.replica().await.unwrap();
    let ada = service.member();
    let there = Client::anonymous(format!("http://{}/", replica.public_addr).parse().unwrap())
        .with_token(ada.token().unwrap())
        .in_workspace(service.workspace);
    for (round, stopper) in [(1, &ada), (2, &there)] {
        let asked = async { ada.post("/api/v1/agents/run", question()).await };
        let stopped = async {
            eventually("words", async || upstream.asked().len() == 3 * round).await;
            let runs = ada.get("/api/v1/agents/runs?state=RUNNING").await.expect(200);
            let began = tokio::time::Instant::now();
            stopper.delete(&task(&runs.text_at("/data/0/id"))).await.expect(202);
            upstream.wait_closed(3 * round).await;
            began.elapsed()
        };
        let (asked, took) = tokio::join!(asked, stopped);
        asked.expect_problem(409, "council.cancelled");
        assert!(took < std::time::Duration::from_secs(2), "{took:?}");
    }
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_of_another_workspace_do_not_exist_and_stopping_needs_its_permission() {
    let service = with_models(hanging()).await;
    let ada = service.member();
    let id = queue(&ada).await;
    reach(&ada, &id, "RUNNING").await;
    let other = service.other_workspace();
    for path in [task(&id), format!("{}/events", task(&id)), format!("/api/v1/agents/stream/{id}")] {
        other.get(&path).await.expect_problem(404, "resource.not_found");
        service.anon().get(&path).await.expect(401);
    }
    other.delete(&task(&id)).await.expect_problem(404, "resource.not_found");
    let reader = UserId::generate(service.clock());
    service.peers().join(reader, service.workspace, "READER", &[permission::AGENTS_READ]);
    let reader = service.person(reader, Some(service.workspace));
    reader.get(&task(&id)).await.expect(200);
    reader.delete(&task(&id)).await.expect_problem(403, "access.permission_denied");
    reader.post(QUEUE, question()).await.expect_problem(403, "access.permission_denied");
    assert_eq!(state(&ada, &id).await, "RUNNING");
    ada.get("/api/v1/agents/stream/run_01k0cabmfgek0v7s0c0x0k4m3e").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn front_ends_of_the_ai_sdk_see_a_message() {
    let service = with_models(writing()).await;
    let ada = service.member();
    let id = queue(&ada).await;
    let path = format!("/api/v1/agents/stream/{id}?format=ai-sdk");
    let answer = ada.get(&path).await.expect(200);
    assert_eq!(answer.header("x-vercel-ai-ui-message-stream"), "v1");
    assert!(answer.text.starts_with(":") && answer.text.ends_with("data: [DONE]\n\n"), "{}", answer.text);
    assert!(!answer.text.contains("event:"), "events of this protocol have no names");
    let data = answer.text.lines().filter_map(|line| line.strip_prefix("data: "));
    let parts: Vec<Value> = data.filter_map(|part| serde_json::from_str(part).ok()).collect();
    let kinds: Vec<_> = parts.iter().map(|part| part["type"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], kinds[1], kinds[kinds.len() - 1]), ("start", "start-step", "finish"));
    let deltas = parts.iter().filter(|part| part["type"] == "text-delta");
    let text: String = deltas.filter_map(|part| part["delta"].as_str()).collect();
    let run = ada.get(&format!("/api/v1/agents/runs/{id}")).await.expect(200).json;
    assert_eq!(text.trim(), run["answer"]);
    assert_eq!(kinds.iter().filter(|kind| **kind == "text-end").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_run_is_no_clean_end() {
    let down = json!({ "fail": "UNAVAILABLE" });
    let models = json!([model("a", 5, down.clone()), model("b", 5, down.clone()), model("c", 5, down)]);
    let service = with_models(models).await;
    let ada = service.member();
    let id = queue(&ada).await;
    let live = open(&ada, &id, None).await.all().await;
    let last = live.last().unwrap();
    assert_eq!((last.event.as_str(), &last.data["code"]), ("error", &json!("council.quorum_not_met")));
    assert_eq!(last.data["run"]["members"][0]["reason"], "unavailable");
    let path = format!("/api/v1/agents/stream/{id}?format=ai-sdk");
    let answer = ada.get(&path).await.expect(200);
    assert!(!answer.text.contains("[DONE]") && !answer.text.contains("finish"), "{}", answer.text);
    assert!(answer.text.trim_end().ends_with(r#""type":"error"}"#), "{}", answer.text);
}
