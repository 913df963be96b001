//! Asking, and what the answer says.

use serde_json::{Value, json};
use witan_council::Council;
use witan_events::contracts::council::v1::AgentRunCompleted;
use witan_telemetry::{Telemetry, TelemetryConfig};
use witan_testkit::TestService;

use crate::{ask, question, three, with_models};

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_says_how_it_came_about_and_is_told_once() {
    let _telemetry = Telemetry::init("council", &TelemetryConfig::default());
    let service = with_models(three(json!({}))).await;
    let mut events = service.events().await;
    let ada = service.member();
    let run = ask(&ada).await.expect(200);
    assert_eq!(run.text_at("/state"), "SUCCEEDED");
    assert!(run.text_at("/answer").contains("because"));
    assert_eq!(run.json["quorum"], json!({ "asked": 3, "required": 2, "answered": 3, "reviewed": 3 }));
    assert_eq!((&run.json["degraded"], &run.json["synthesised"]), (&json!(false), &json!(true)));
    let order: Vec<_> = run.json["ranking"].as_array().unwrap().iter().map(|place| &place["model"]).collect();
    assert_eq!(order, ["sim/good", "sim/fair", "sim/poor"]);
    assert_eq!(run.json["reviews"].as_array().unwrap().len(), 9);
    assert_eq!(run.json["reviews"].as_array().unwrap().iter().filter(|r| r["isSelf"] == true).count(), 3);
    assert!(run.json["agreement"]["kendallsW"].as_f64().unwrap() > 0.5);
    assert!(run.json["usage"]["inputTokens"].as_i64().unwrap() > 1_000);
    assert_eq!(run.text_at("/usage/cost/currency"), "USD");
    assert!(run.json["timings"]["totalMs"].as_i64().unwrap() >= 15);
    assert_eq!(run.text_at("/traceId"), run.header("x-trace-id"));

    let shown = ada.get(&format!("/api/v1/agents/runs/{}", run.text_at("/id"))).await.expect(200);
    assert_eq!(shown.json, run.json);

    let (envelope, told) = events.next::<AgentRunCompleted>().await;
    assert_eq!(envelope.workspace_id, Some(service.workspace));
    assert_eq!((told.run_id, told.agent.as_str()), (run.text_at("/id"), "finance"));
    assert_eq!(json!(told.cost_micros), run.json["usage"]["cost"]["amountMicros"]);
    assert_eq!(told.answer, run.text_at("/answer"));
    assert!(envelope.trace.traceparent.unwrap().contains(&run.text_at("/traceId")));
    assert!(events.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn members_know_the_start_up() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let startup = "stp_01k0cabmfgek0v7s0c0x0k4m3e";
    let path = format!("/internal/startups/{startup}");
    service.peers().answer("GET", &path, 200, json!({ "id": startup, "name": "Analytical Engines" }));
    let plain = ask(&ada).await.expect(200);
    let mut body = question();
    body["startupId"] = json!(startup);
    let about = ada.post("/api/v1/agents/run", body.clone()).await.expect(200);
    assert_eq!(about.text_at("/startupId"), startup);
    let read = |run: &Value| run["members"][0]["usage"]["inputTokens"].as_i64().unwrap();
    assert!(read(&about.json) > read(&plain.json), "the profile is read");

    service.peers().answer("GET", &path, 404, json!({ "code": "resource.not_found" }));
    let answer = ada.post("/api/v1/agents/run", body).await.expect_problem(422, "validation.failed");
    assert_eq!(answer.text_at("/errors/0/pointer"), "/startupId");

    let mut inline = question();
    inline["startup"] = json!({ "name": "Acme", "country": "DE", "teamSize": 4 });
    ada.post("/api/v1/agents/run", inline).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_questions_are_named_and_cost_nothing() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let long = "ä".repeat(6_000);
    for (body, pointers) in [
        (json!({ "agent": "astrology", "prompt": "  " }), vec!["/agent", "/prompt"]),
        (json!({ "agent": "finance", "prompt": long }), vec!["/prompt"]),
        (
            json!({ "agent": "finance", "prompt": "Why?", "startup": { "name": "A" },
                 "startupId": "stp_01k0cabmfgek0v7s0c0x0k4m3e" }),
            vec!["/startup"],
        ),
        (
            json!({ "agent": "finance", "prompt": "Why?", "startup": { "nmae": "A" }, "colour": "x" }),
            vec!["/colour", "/startup/nmae"],
        ),
    ] {
        let answer = ada.post("/api/v1/agents/run", body).await.expect_problem(422, "validation.failed");
        for pointer in pointers {
            let errors = answer.json["errors"].as_array().unwrap();
            assert!(errors.iter().any(|error| error["pointer"] == pointer), "{pointer}: {}", answer.text);
        }
    }
    assert!(service.peers().asked().iter().all(|asked| !asked.request.contains("reservations")));
    assert_eq!(ada.get("/api/v1/agents/runs").await.expect(200).json["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_asks_once() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let first = ada.post_once("once", "/api/v1/agents/run", question()).await.expect(200);
    let again = ada.post_once("once", "/api/v1/agents/run", question()).await.expect(200);
    assert_eq!(first.json, again.json);
    assert_eq!(ada.get("/api/v1/agents/runs").await.expect(200).json["data"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_listed_by_agent_and_page() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    for agent in ["legal", "finance", "legal", "investor"] {
        let body = json!({ "agent": agent, "prompt": "What should we do first?" });
        ada.post("/api/v1/agents/run", body).await.expect(200);
    }
    let legal = ada.get("/api/v1/agents/runs?agent=legal&state=SUCCEEDED").await.expect(200);
    assert_eq!(legal.json["data"].as_array().unwrap().len(), 2);
    let first = ada.get("/api/v1/agents/runs?limit=3").await.expect(200);
    let cursor = first.text_at("/nextCursor");
    let second = ada.get(&format!("/api/v1/agents/runs?limit=3&cursor={cursor}")).await.expect(200);
    assert_eq!(
        (second.json["data"].as_array().unwrap().len(), &second.json["nextCursor"]),
        (1, &Value::Null)
    );
    assert_eq!(second.text_at("/data/0/agent"), "legal");
    ada.get(&format!("/api/v1/agents/runs?agent=legal&cursor={cursor}")).await.expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_are_listed() {
    let service = with_models(three(json!({}))).await;
    let agents = service.member().get("/api/v1/agents").await.expect(200);
    let names: Vec<_> = agents.json["data"].as_array().unwrap().iter().map(|agent| &agent["agent"]).collect();
    assert_eq!(names, ["legal", "finance", "investor", "competitor"]);
    assert_eq!(agents.json["data"][0]["members"], json!(["sim/good", "sim/fair", "sim/poor"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_service_asks_on_a_users_behalf() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let body = json!({
        "workspaceId": service.workspace, "userId": witan_ids::UserId::generate(service.clock()),
        "agent": "legal", "prompt": "Do we need terms of service?", "context": "We sell to schools.",
    });
    let answer = service.internal("chat").post("/internal/runs", body.clone()).await.expect(200);
    assert_eq!(answer.json["degraded"], false);
    let run = ada.get(&format!("/api/v1/agents/runs/{}", answer.text_at("/id"))).await.expect(200);
    assert_eq!(run.text_at("/answer"), answer.text_at("/answer"));
    service.internal_anon().post("/internal/runs", body.clone()).await.expect(401);
    ada.post("/internal/runs", body).await.expect(404);
}

#[test]
fn the_api_document_is_whole() {
    use witan_host::Service as _;
    assert_eq!(Council::routes().mistakes(), Vec::<String>::new());
    assert_eq!(Council::internal_routes().mistakes(), Vec::<String>::new());
    let _: Option<TestService<Council>> = None;
}
