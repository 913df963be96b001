//! Runs outlive clients and processes, end once, and pay once.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};
use witan_council::Council;
use witan_events::contracts::council::v1::{AgentRunCompleted, AgentRunFailed};
use witan_ids::{RunId, UserId};
use witan_testkit::{Client, Dialect, TestService, Upstream, eventually};

use crate::tasks::{queue, reach, task};
use crate::{ask_and_leave, is_any, model, question, three, with_models};

const PROGRAM: &str = env!("CARGO_BIN_EXE_witan-council");

/// Three whose reviews take for ever.
fn stuck() -> Value {
    let hangs = json!({ "fail": "HANG", "failPurposes": ["CRITIQUE"] });
    json!([model("good", 9, hangs.clone()), model("fair", 5, hangs.clone()), model("poor", 2, hangs)])
}

/// Three that write slowly enough to be killed at any point.
fn slow() -> Value {
    let slow = json!({ "latencyMs": 30, "tokenMs": 1 });
    json!([model("good", 9, slow.clone()), model("fair", 5, slow.clone()), model("poor", 2, slow)])
}

async fn with_lease(models: Value, lease: &str) -> TestService<Council> {
    let start = |builder: witan_testkit::Builder| {
        builder.env("LLM_MODELS", models.to_string()).env("COUNCIL_RUN_LEASE", lease)
    };
    TestService::<Council>::start_with(start).await
}

async fn events(person: &Client, id: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), 0);
    loop {
        let page = person.get(&format!("{}/events?after={after}", task(id))).await.expect(200).json;
        let some = page["events"].as_array().unwrap();
        if some.is_empty() {
            return all;
        }
        after = page["after"].as_i64().unwrap();
        all.extend(some.iter().cloned());
    }
}

/// How often each model was asked for its answer.
fn asked(events: &[Value]) -> HashMap<i64, usize> {
    let mut asked = HashMap::new();
    for event in events.iter().filter(|event| event["event"] == "member.started") {
        *asked.entry(event["data"]["seat"].as_i64().unwrap()).or_default() += 1;
    }
    asked
}

fn count(events: &[Value], name: &str) -> usize {
    events.iter().filter(|event| event["event"] == name).count()
}

async fn told(person: &Client, id: &str, name: &str, times: usize) {
    eventually(name, async || count(&events(person, id).await, name) >= times).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_does_not_end_the_run() {
    let service = with_models(json!([model("slow", 5, json!({ "latencyMs": 400 }))])).await;
    let ada = service.member();
    ask_and_leave(&ada).await;
    eventually("its end", async || is_any(&ada, "SUCCEEDED").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_asked_to_end_leaves_its_runs_to_the_next_one() {
    let mut service = with_models(stuck()).await;
    let mut published = service.events().await;
    let ada = service.member();
    let id = queue(&ada).await;
    told(&ada, &id, "review.started", 3).await;
    let waits = {
        let ada = ada.clone();
        async move { ada.post("/api/v1/agents/run", question()).await }
    };
    let halt = async {
        eventually("both", async || {
            ada.get("/api/v1/agents/runs?state=RUNNING").await.json["data"][1]["id"].is_string()
        })
        .await;
        assert!(service.halt().await, "in time");
    };
    let (waited, ()) = tokio::join!(waits, halt);
    assert_eq!(waited.status, 503);
    service.set_env("LLM_MODELS", &three(json!({})).to_string());
    Box::pin(service.resume()).await.unwrap();

    let ada = service.person(ada.user.unwrap(), Some(service.workspace)).in_workspace(service.workspace);
    reach(&ada, &id, "SUCCEEDED").await;
    let log = events(&ada, &id).await;
    assert_eq!(asked(&log), HashMap::from([(1, 1), (2, 1), (3, 1)]), "answers are paid once");
    assert_eq!((count(&log, "run.started"), count(&log, "run.resumed")), (1, 1));
    assert_eq!(count(&log, "done"), 1);
    let run = ada.get(&format!("/api/v1/agents/runs/{id}")).await.expect(200).json;
    assert_eq!((&run["degraded"], &run["tokensEstimated"]), (&json!(false), &json!(true)));
    eventually("the other one as well", async || !is_any(&ada, "RUNNING").await).await;
    let mut ended: Vec<String> = Vec::new();
    for _ in 0..2 {
        ended.push(published.next::<AgentRunCompleted>().await.1.run_id);
    }
    assert!(ended.contains(&id) && ended[0] != ended[1]);
    assert!(published.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_costs_no_answer_twice() {
    let mut service = with_lease(stuck(), "2s").await;
    let user = service.member().user.unwrap();
    service.halt().await;
    let process = service.process(PROGRAM).await;
    let there = process.person(user, Some(service.workspace)).in_workspace(service.workspace);
    let id = queue(&there).await;
    told(&there, &id, "review.started", 3).await;
    let before = events(&there, &id).await;
    process.kill();

    service.set_env("LLM_MODELS", &three(json!({})).to_string());
    Box::pin(service.resume()).await.unwrap();
    let ada = service.person(user, Some(service.workspace)).in_workspace(service.workspace);
    reach(&ada, &id, "SUCCEEDED").await;
    let log = events(&ada, &id).await;
    assert_eq!(log[..before.len()], before, "nothing that was told is untold");
    assert_eq!(asked(&log), HashMap::from([(1, 1), (2, 1), (3, 1)]));
    let run = ada.get(&format!("/api/v1/agents/runs/{id}")).await.expect(200).json;
    let written = |seat: i64| -> String {
        let of_seat =
            before.iter().filter(|event| event["event"] == "member.delta" && event["data"]["seat"] == seat);
        of_seat.filter_map(|event| event["data"]["text"].as_str()).collect()
    };
    for member in run["members"].as_array().unwrap() {
        assert_eq!(member["answer"], written(member["seat"].as_i64().unwrap()).trim());
    }
}

/// Counted where it is paid for: at the provider.
#[tokio::test(flavor = "multi_thread")]
async fn no_call_whose_end_is_known_is_made_again() {
    let upstream = Upstream::start().await;
    upstream.pace(Duration::from_millis(10));
    let behind = |name: &str| json!({ "id": format!("up/{name}"), "provider": "openai", "baseUrl": upstream.url(Dialect::OpenAi) });
    let models = json!([behind("a"), behind("b"), behind("c")]);
    let mut service = with_lease(models, "1s").await;
    let user = service.member().user.unwrap();
    service.halt().await;
    let process = service.process(PROGRAM).await;
    let there = process.person(user, Some(service.workspace)).in_workspace(service.workspace);
    let id = queue(&there).await;
    told(&there, &id, "review.started", 3).await;
    eventually("reviews are being written", async || upstream.asked().len() == 6).await;
    process.kill();
    upstream.pace(Duration::ZERO);
    Box::pin(service.resume()).await.unwrap();
    let ada = service.person(user, Some(service.workspace)).in_workspace(service.workspace);
    reach(&ada, &id, "SUCCEEDED").await;

    let answers = upstream.asked().iter().filter(|asked| asked.body["response_format"].is_null()).count();
    assert_eq!(answers, 3, "one for each member");
    let database = service.database().superuser().await.unwrap();
    let ended = "SELECT count(*) FROM council.run_calls WHERE state <> 'CANCELLED'";
    let ended: i64 = database.query_one(ended, &[]).await.unwrap().get(0);
    // Three reviews were cut off with the process.
    assert_eq!(upstream.asked().len(), usize::try_from(ended).unwrap() + 3);
}

/// Killed after so many events, at every stage: the run ends once, and no call whose end is known is made again.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_a_run_ends_once() {
    let mut service = with_lease(slow(), "1s").await;
    let mut published = service.events().await;
    let user = service.member().user.unwrap();
    for moment in [1, 4, 8, 14, 22, 30] {
        service.halt().await;
        let process = service.process(PROGRAM).await;
        let there = process.person(user, Some(service.workspace)).in_workspace(service.workspace);
        let id = queue(&there).await;
        let path = format!("{}/events?after={}&waitSeconds=5", task(&id), moment - 1);
        let seen = there.get(&path).await.expect(200).json;
        process.kill();
        Box::pin(service.resume()).await.unwrap();
        let ada = service.person(user, Some(service.workspace)).in_workspace(service.workspace);
        reach(&ada, &id, "SUCCEEDED").await;
        let log = events(&ada, &id).await;
        assert_eq!(count(&log, "done"), 1, "after {moment}");
        let (_, told) = published.next::<AgentRunCompleted>().await;
        assert_eq!(told.run_id, id, "after {moment}");
        let seqs: Vec<i64> = log.iter().map(|event| event["seq"].as_i64().unwrap()).collect();
        assert_eq!(seqs, (1..=seqs.len() as i64).collect::<Vec<_>>());
        for ended in ["member.answered", "review.finished", "chair.finished"] {
            let known = seen["events"].as_array().unwrap().iter().filter(|event| event["event"] == ended);
            for event in known {
                let (seat, began) = (
                    &event["data"]["seat"],
                    ended.replace("answered", "started").replace("finished", "started"),
                );
                let again =
                    log.iter().filter(|other| other["event"] == began && other["data"]["seat"] == *seat);
                assert_eq!(again.count(), 1, "after {moment}: {event}");
            }
        }
    }
    assert!(published.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_a_run_lets_go_of_it() {
    let service = with_lease(stuck(), "30s").await;
    let ada = service.member();
    let id = queue(&ada).await;
    told(&ada, &id, "review.started", 3).await;
    let database = service.database().superuser().await.unwrap();
    // Another process took it, and died of it.
    let steal = "UPDATE council.run_leases SET holder = gen_random_uuid(), attempts = attempts + 1,
        lease_until = now() - interval '1 second'";
    assert_eq!(database.execute(steal, &[]).await.unwrap(), 1);
    told(&ada, &id, "run.resumed", 1).await;
    told(&ada, &id, "review.started", 6).await;
    let log = events(&ada, &id).await;
    assert_eq!((asked(&log).values().sum::<usize>(), count(&log, "run.resumed")), (3, 1));
    ada.delete(&task(&id)).await.expect(202);
    reach(&ada, &id, "CANCELLED").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nobody_can_carry_is_ended_and_told_once() {
    let service = with_models(three(json!({}))).await;
    let mut events = service.events().await;
    let ada = service.member();
    let run = RunId::generate(service.clock());
    let left = format!(
        "INSERT INTO council.runs (workspace_id, id, user_id, agent, prompt, state, asked, required, created_at)
         VALUES ('{workspace}', '{run}', '{user}', 'legal', 'Why?', 'RUNNING', 3, 2, now());
         INSERT INTO council.run_leases VALUES ('{run}', '{workspace}', now() - interval '1 second')",
        workspace = service.workspace.uuid(),
        run = run.uuid(),
        user = UserId::generate(service.clock()).uuid(),
    );
    service.database().superuser().await.unwrap().batch_execute(&left).await.unwrap();
    let (_, told) = events.next::<AgentRunFailed>().await;
    assert_eq!((told.run_id, told.code.as_str()), (run.to_string(), "council.interrupted"));
    let shown = ada.get(&format!("/api/v1/agents/runs/{run}")).await.expect(200);
    assert_eq!(shown.text_at("/state"), "FAILED");
    assert!(events.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_long_ago_go_and_what_came_of_the_run_stays() {
    let time = witan_clock::ManualClock::at(witan_clock::Clock::system().now());
    let models = three(json!({})).to_string();
    let start = |builder: witan_testkit::Builder| builder.env("LLM_MODELS", models).clock(time.clock());
    let mut service = TestService::<Council>::start_with(start).await;
    let ada = service.member();
    let id = queue(&ada).await;
    reach(&ada, &id, "SUCCEEDED").await;
    assert!(events(&ada, &id).await.len() > 5);
    service.halt().await;
    time.advance(Duration::from_secs(25 * 60 * 60));
    Box::pin(service.resume()).await.unwrap();
    let ada = service.person(ada.user.unwrap(), Some(service.workspace)).in_workspace(service.workspace);
    let database = service.database().superuser().await.unwrap();
    let left = "SELECT count(*) FROM council.run_events";
    eventually("they are gone", async || database.query_one(left, &[]).await.unwrap().get::<_, i64>(0) == 0)
        .await;
    let end = crate::tasks::open(&ada, &id, None).await.all().await;
    assert_eq!((end.len(), end[0].event.as_str()), (1, "done"));
    assert_eq!(end[0].data, ada.get(&format!("/api/v1/agents/runs/{id}")).await.expect(200).json);
}
