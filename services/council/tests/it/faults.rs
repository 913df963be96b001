//! What a broken provider does to a council: the others answer, the member is missing and the answer says why. Where all
//! are broken the run fails; it never looks whole.

use serde_json::{Value, json};
use witan_council::Council;
use witan_events::contracts::council::v1::ModelGone;
use witan_testkit::{Answer, Behaviour, Dialect, TestService, Upstream};

use crate::{model, question};

/// A council of all these models, that waits for none of them for long.
async fn council(members: Vec<Value>) -> TestService<Council> {
    let ids: Vec<&str> = members.iter().filter_map(|member| member["id"].as_str()).collect();
    TestService::<Council>::start_with(|builder| {
        builder
            .env("LLM_MODELS", json!(members).to_string())
            .env("COUNCIL_MEMBERS", ids.join(","))
            .env("LLM_FIRST_TOKEN_TIMEOUT", "1500ms")
            .env("LLM_IDLE_TIMEOUT", "400ms")
    })
    .await
}

/// A model of this provider.
fn behind(upstream: &Upstream, id: &str) -> Value {
    json!({ "id": id, "provider": "openai", "baseUrl": upstream.url(Dialect::OpenAi) })
}

fn two() -> Vec<Value> {
    vec![model("good", 9, json!({})), model("fair", 5, json!({}))]
}

/// Why the member is missing; empty where it answers.
fn expected(fault: Behaviour) -> &'static str {
    match fault {
        Behaviour::Status(401) => "auth",
        Behaviour::Status(404) => "model_gone",
        Behaviour::Status(429) => "rate_limited",
        Behaviour::Status(529) => "overloaded",
        Behaviour::Status(_) => "unavailable",
        Behaviour::SlowStart(_) | Behaviour::Stall => "timeout",
        Behaviour::Cut | Behaviour::NoReason => "broken_stream",
        Behaviour::Malformed | Behaviour::Huge | Behaviour::Endless => "malformed",
        Behaviour::Well | Behaviour::NoMarker => "",
    }
}

fn check(run: &Answer, fault: Behaviour) {
    let member = &run.json["members"][2];
    let why = expected(fault);
    assert_eq!(run.text_at("/state"), "SUCCEEDED", "{fault:?}");
    assert!(run.text_at("/answer").contains("because"), "{fault:?}");
    if why.is_empty() {
        assert_eq!(member["state"], "ANSWERED", "{fault:?}");
        // Words are no review: the member abstains, and the answer is less than whole for it.
        assert_eq!((&member["review"], &run.json["degraded"]), (&json!("ABSTAINED"), &json!(true)));
        return;
    }
    assert_eq!((&member["reason"], &member["answer"]), (&json!(why), &Value::Null), "{fault:?}");
    assert_eq!(run.json["degraded"], true, "{fault:?}");
    assert_eq!(run.json["quorum"]["answered"], 2, "{fault:?}");
    assert!(run.json["ranking"].as_array().unwrap().iter().all(|place| place["seat"] != 3), "{fault:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_others_answer_and_the_run_says_who_is_missing_and_why() {
    let upstream = Upstream::start().await;
    let faults: Vec<Behaviour> =
        Behaviour::FAULTS.into_iter().chain([Behaviour::Well, Behaviour::NoMarker]).collect();
    // Each fault has a model of its own, and so a breaker of its own.
    let name = |at: usize| format!("m{at}");
    let mut members = two();
    members.extend((0..faults.len()).map(|at| behind(&upstream, &format!("test/{}", name(at)))));
    let long = "x".repeat(999);
    upstream.say(&vec![long.as_str(); 60].join(" "));
    for (at, fault) in faults.iter().enumerate() {
        upstream.behave_as(&name(at), *fault);
    }
    for (at, fault) in faults.into_iter().enumerate() {
        let members = [members[..2].to_vec(), vec![members[2 + at].clone()]].concat();
        let service = council(members).await;
        let run = service.member().post("/api/v1/agents/run", question()).await.expect(200);
        check(&run, fault);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_at_the_other_end_is_a_member_missing_too() {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut members = two();
    members.push(json!({ "id": "test/m", "provider": "openai", "baseUrl": format!("http://{nobody}/v1") }));
    let service = council(members).await;
    let run = service.member().post("/api/v1/agents/run", question()).await.expect(200);
    assert_eq!(run.text_at("/members/2/reason"), "unavailable");
    assert_eq!(run.json["degraded"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_quorum_there_is_no_answer() {
    let upstream = Upstream::start().await;
    upstream.behave(Behaviour::Cut);
    let mut members = vec![model("good", 9, json!({}))];
    members.extend(["test/a", "test/b"].map(|id| behind(&upstream, id)));
    let service = council(members).await;
    let ada = service.member();
    ada.post("/api/v1/agents/run", question()).await.expect_problem(502, "council.quorum_not_met");
    let run = ada.get("/api/v1/agents/runs").await.expect(200);
    assert_eq!(run.text_at("/data/0/state"), "FAILED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_gone_is_replaced_and_told_of_once() {
    let upstream = Upstream::start().await;
    upstream.behave_as("old", Behaviour::Status(404));
    let mut members = two();
    let mut old = behind(&upstream, "test/old");
    old["replacement"] = json!("test/new");
    members.extend([old, behind(&upstream, "test/new")]);
    let models = json!(members).to_string();
    let service = TestService::<Council>::start_with(|builder| {
        builder.env("LLM_MODELS", models).env("COUNCIL_MEMBERS", "sim/good,sim/fair,test/old")
    })
    .await;
    let mut events = service.events().await;
    let ada = service.member();
    for _ in 0..2 {
        let run = ada.post("/api/v1/agents/run", question()).await.expect(200);
        assert_eq!(run.text_at("/members/2/state"), "ANSWERED");
    }
    let (_, told) = events.next::<ModelGone>().await;
    assert_eq!((told.model.as_str(), told.replacement.as_str()), ("test/old", "test/new"));
    assert!(events.rest().await.iter().all(|other| other.event_type != "model.gone"), "once");
}
