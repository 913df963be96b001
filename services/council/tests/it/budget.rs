//! What a run may take.

use serde_json::{Value, json};
use witan_council::Council;
use witan_testkit::{Answer, Client, TestService, eventually};

use crate::tasks::{reach, task};
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

/// What a run starts is paid for by it: together they take no more than it may.
#[tokio::test(flavor = "multi_thread")]
async fn runs_that_a_run_starts_draw_from_its_budget() {
    let hangs = json!({ "fail": "HANG" });
    let models = json!([
        model("a", 7, hangs.clone()),
        model("b", 5, hangs.clone()),
        model("c", 3, hangs),
        model("quick", 5, json!({}))
    ]);
    let members = "sim/a,sim/b,sim/c";
    let start = |builder: witan_testkit::Builder| {
        builder.env("LLM_MODELS", models.to_string()).env("COUNCIL_MEMBERS", members)
    };
    let service = TestService::<Council>::start_with(start).await;
    let ada = service.member();
    let mut body = question();
    body["budget"] = json!({ "calls": 6 });
    let parent = ada.post("/api/v1/agents/queue", body).await.expect(202).text_at("/id");
    reach(&ada, &parent, "RUNNING").await;
    let under = |parent: &str, calls: Option<u64>| {
        let mut body = question();
        (body["mode"], body["model"]) = (json!("SINGLE"), json!("sim/quick"));
        body["parentRunId"] = json!(parent);
        body["budget"] = json!({ "calls": calls });
        body
    };
    let three = |page: Value| page["lastEvent"].as_i64().unwrap() >= 5;
    eventually("all are asked", async || three(ada.get(&task(&parent)).await.expect(200).json)).await;

    // One that hangs takes all that it may, and gives back what it did not use when it ends.
    let mut greedy = under(&parent, None);
    greedy["model"] = json!("sim/a");
    let greedy = ada.post("/api/v1/agents/queue", greedy).await.expect(202).json;
    assert_eq!(greedy["run"]["budget"]["calls"], 3, "three are under way above it");
    assert_eq!(greedy["run"]["parentRunId"], json!(parent));
    ada.post("/api/v1/agents/run", under(&parent, Some(1)))
        .await
        .expect_problem(402, "council.budget_exhausted");
    let greedy = greedy["id"].as_str().unwrap();
    reach(&ada, greedy, "RUNNING").await;
    ada.delete(&task(greedy)).await.expect(202);
    reach(&ada, greedy, "CANCELLED").await;
    let child = ada.post("/api/v1/agents/run", under(&parent, Some(1))).await.expect(200);
    assert_eq!(child.json["budget"], json!({ "calls": 1 }));

    // Those above must be there, be under way, and not be too many.
    for nobody in ["run_01k0cabmfgek0v7s0c0x0k4m3e".to_owned(), child.text_at("/id")] {
        let refused = ada
            .post("/api/v1/agents/run", under(&nobody, None))
            .await
            .expect_problem(422, "validation.failed");
        assert_eq!(refused.text_at("/errors/0/pointer"), "/parentRunId");
    }
    let other = service.other_workspace();
    other.post("/api/v1/agents/run", under(&parent, None)).await.expect_problem(422, "validation.failed");
    assert_eq!(service.peers().reserved(other.workspace(), "runs"), 0);
    let mut above = ada.post("/api/v1/agents/queue", question()).await.expect(202).text_at("/id");
    for _ in 0..3 {
        reach(&ada, &above, "RUNNING").await;
        let mut below = under(&above, None);
        below["model"] = json!("sim/a");
        above = ada.post("/api/v1/agents/queue", below).await.expect(202).text_at("/id");
    }
    reach(&ada, &above, "RUNNING").await;
    ada.post("/api/v1/agents/queue", under(&above, None)).await.expect_problem(422, "validation.failed");
}
