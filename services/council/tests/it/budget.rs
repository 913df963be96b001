//! What a run may take.

use serde_json::{Value, json};
use witan_council::Council;
use witan_testkit::{Answer, Client, TestService};

use crate::{model, question, three, with_models};

async fn ask_within(person: &Client, budget: Value) -> Answer {
    let mut body = question();
    body["budget"] = budget;
    person.post("/api/v1/agents/run", body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_to_spend_is_refused_before_anything_is_written() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    for name in ["costMicros", "tokens", "calls", "seconds"] {
        ask_within(&ada, json!({ name: 0 })).await.expect_problem(402, "council.budget_exhausted");
    }
    let mut body = question();
    body["budget"] = json!({ "calls": 0 });
    ada.post("/api/v1/agents/queue", body).await.expect_problem(402, "council.budget_exhausted");
    ask_within(&ada, json!({ "euros": 3 })).await.expect_problem(422, "validation.failed");
    assert_eq!(service.peers().reserved(ada.workspace(), "runs"), 0);
    assert_eq!(ada.get("/api/v1/agents/runs").await.expect(200).json["data"], json!([]));
}

/// All members ask at once, and each limit lets as many through as it can pay.
#[tokio::test(flavor = "multi_thread")]
async fn no_run_takes_more_than_its_budget() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let whole = ask_within(&ada, json!({})).await.expect(200).json;
    let tokens = |run: &Value| {
        run["usage"]["inputTokens"].as_i64().unwrap() + run["usage"]["outputTokens"].as_i64().unwrap()
    };
    let cost = |run: &Value| run["usage"]["cost"]["amountMicros"].as_i64().unwrap();

    // Two answers, and then nothing: the better of them cannot be told, but there is one.
    let two = ask_within(&ada, json!({ "calls": 2 })).await.expect(200).json;
    assert_eq!(two["quorum"], json!({ "asked": 3, "required": 2, "answered": 2, "reviewed": 0 }));
    assert_eq!((&two["degraded"], &two["synthesised"]), (&json!(true), &json!(false)));
    let reasons: Vec<_> = two["members"].as_array().unwrap().iter().map(|member| &member["reason"]).collect();
    assert_eq!(reasons.iter().filter(|reason| **reason == "budget_exhausted").count(), 1);

    ask_within(&ada, json!({ "calls": 1 })).await.expect_problem(402, "council.budget_exhausted");
    for budget in [2_500, 5_000, 7_500, 12_000, 30_000] {
        let run = ask_within(&ada, json!({ "tokens": budget })).await;
        let id = match run.status.as_u16() {
            200 => run.text_at("/id"),
            _ => run.expect_problem(402, "council.budget_exhausted").json["detail"]
                .as_str()
                .unwrap()
                .split_whitespace()
                .last()
                .unwrap()
                .trim_end_matches('.')
                .to_owned(),
        };
        let run = ada.get(&format!("/api/v1/agents/runs/{id}")).await.expect(200).json;
        assert!(tokens(&run) <= budget, "{budget}: {}", run["usage"]);
    }
    for budget in [4_000, 9_000, 20_000] {
        let run = ask_within(&ada, json!({ "costMicros": budget })).await;
        if run.status.is_success() {
            assert!(cost(&run.json) <= budget);
            assert!(cost(&run.json) <= cost(&whole));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn time_is_a_budget_as_well() {
    let hangs = json!({ "fail": "HANG", "failPurposes": ["CRITIQUE"] });
    let models = json!([model("a", 7, hangs.clone()), model("b", 5, hangs.clone()), model("c", 3, hangs)]);
    let service = with_models(models).await;
    let began = tokio::time::Instant::now();
    let run = ask_within(&service.member(), json!({ "seconds": 1 })).await.expect(200).json;
    assert!(began.elapsed().as_secs() < 10, "reviews have 45 seconds otherwise");
    assert_eq!((&run["quorum"]["answered"], &run["quorum"]["reviewed"]), (&json!(3), &json!(0)));
    assert_eq!(run["synthesised"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_limit_holds_for_everybody() {
    let service = TestService::<Council>::start_with(|builder| {
        builder.env("LLM_MODELS", three(json!({})).to_string()).env("COUNCIL_RUN_CALLS", "1")
    })
    .await;
    let ada = service.member();
    ask_within(&ada, json!({ "calls": 100 })).await.expect_problem(402, "council.budget_exhausted");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_may_cost_is_taken_from_the_plan_while_it_is_under_way() {
    let hangs = json!({ "fail": "HANG" });
    let models = json!([model("a", 7, hangs.clone()), model("b", 5, hangs.clone()), model("c", 3, hangs)]);
    let service = with_models(models).await;
    let ada = service.member();
    let mut body = question();
    body["budget"] = json!({ "costMicros": 40_000 });
    ada.post("/api/v1/agents/queue", body.clone()).await.expect(202);
    assert_eq!(service.peers().reserved(ada.workspace(), "costMicros"), 40_000);
    assert_eq!(service.peers().reserved(ada.workspace(), "runs"), 1);

    let other = service.other_workspace();
    let limit = |metric: &str, limit: i64| json!({ "metric": metric, "limit": limit, "used": 0, "resetsAt": "2026-12-01T00:00:00Z" });
    let plan =
        json!({ "plan": "small", "limits": [limit("runs", 5), limit("costMicros", 30_000)], "features": [] });
    service.peers().entitle(other.workspace(), plan);
    other.post("/api/v1/agents/queue", body).await.expect_problem(402, "billing.limit_reached");
    for metric in ["runs", "costMicros"] {
        assert_eq!(service.peers().reserved(other.workspace(), metric), 0, "{metric} is given back");
    }
    assert_eq!(other.get("/api/v1/agents/runs").await.expect(200).json["data"], json!([]));
}
