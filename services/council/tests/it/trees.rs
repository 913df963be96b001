//! Runs that are started by runs.

use futures_util::future::join_all;
use serde_json::{Value, json};
use witan_council::Council;
use witan_testkit::{Client, TestService, eventually};

use crate::tasks::{reach, task};
use crate::{model, question};

const QUEUE: &str = "/api/v1/agents/queue";

/// Whoever is asked hangs; `sim/quick` answers, and is asked only by name.
async fn hanging() -> TestService<Council> {
    let hangs = json!({ "fail": "HANG" });
    let models = json!([
        model("a", 7, hangs.clone()),
        model("b", 5, hangs.clone()),
        model("c", 3, hangs),
        model("quick", 5, json!({}))
    ]);
    TestService::<Council>::start_with(|builder| {
        builder.env("LLM_MODELS", models.to_string()).env("COUNCIL_MEMBERS", "sim/a,sim/b,sim/c")
    })
    .await
}

/// A question to one model, asked by a run.
fn under(parent: &str, model: &str, calls: Option<u64>) -> Value {
    let mut body = question();
    (body["mode"], body["model"]) = (json!("SINGLE"), json!(model));
    (body["parentRunId"], body["budget"]) = (json!(parent), json!({ "calls": calls }));
    body
}

async fn begin(person: &Client, body: Value) -> String {
    let id = person.post(QUEUE, body).await.expect(202).text_at("/id");
    reach(person, &id, "RUNNING").await;
    id
}

/// Returns once so many models are asked in a run.
async fn asked(person: &Client, id: &str, count: usize) {
    eventually("all are asked", async || {
        let log = person.get(&format!("{}/events", task(id))).await.expect(200).text;
        log.matches("member.started").count() == count
    })
    .await;
}

/// Above, three calls are under way; below, many runs begin at once.
#[tokio::test(flavor = "multi_thread")]
async fn all_that_begins_at_the_same_time_shares_one_budget() {
    let service = hanging().await;
    let ada = service.member();
    let mut body = question();
    body["budget"] = json!({ "calls": 5 });
    let parent = begin(&ada, body).await;
    asked(&ada, &parent, 3).await;
    let wishes = (0..8).map(|_| ada.post(QUEUE, under(&parent, "sim/a", Some(1))));
    let answers = join_all(wishes).await;
    let begun = answers.iter().filter(|answer| answer.status == 202).count();
    assert_eq!(begun, 2, "five less the three that are under way");
    for answer in answers.into_iter().filter(|answer| answer.status != 202) {
        answer.expect_problem(402, "council.budget_exhausted");
    }
}

/// Reviews and chair of the one below did not fit into its budget: that costs nobody anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_not_made_is_not_taken_from_the_run_above() {
    let service = hanging().await;
    let ada = service.member();
    let mut body = question();
    body["budget"] = json!({ "calls": 6 });
    let parent = begin(&ada, body).await;
    asked(&ada, &parent, 3).await;
    let mut twice = under(&parent, "sim/quick", Some(2));
    (twice["mode"], twice["samples"]) = (json!("SELF_ENSEMBLE"), json!(2));
    let run = ada.post("/api/v1/agents/run", twice).await.expect(200).json;
    assert_eq!((&run["quorum"]["answered"], &run["quorum"]["reviewed"]), (&json!(2), &json!(0)));
    let last = begin(&ada, under(&parent, "sim/a", None)).await;
    let last = ada.get(&format!("/api/v1/agents/runs/{last}")).await.expect(200).json;
    assert_eq!(last["budget"]["calls"], 1, "six less the three above and the two below");
}

/// What runs below have taken is not there for the calls above, from the moment on when they have it.
#[tokio::test(flavor = "multi_thread")]
async fn no_call_above_is_made_with_what_a_run_below_has_taken() {
    let slow = json!({ "latencyMs": 1_500 });
    let models = json!([
        model("a", 7, slow.clone()),
        model("b", 5, slow.clone()),
        model("c", 3, slow),
        model("stuck", 5, json!({ "fail": "HANG" }))
    ]);
    let start = |builder: witan_testkit::Builder| {
        builder.env("LLM_MODELS", models.to_string()).env("COUNCIL_MEMBERS", "sim/a,sim/b,sim/c")
    };
    let service = TestService::<Council>::start_with(start).await;
    let ada = service.member();
    let mut body = question();
    body["budget"] = json!({ "calls": 7 });
    let parent = begin(&ada, body).await;
    asked(&ada, &parent, 3).await;
    let below = begin(&ada, under(&parent, "sim/stuck", None)).await;
    let shown = ada.get(&format!("/api/v1/agents/runs/{below}")).await.expect(200).json;
    assert_eq!(shown["budget"]["calls"], 4);
    reach(&ada, &parent, "SUCCEEDED").await;
    let run = ada.get(&format!("/api/v1/agents/runs/{parent}")).await.expect(200).json;
    assert_eq!((&run["quorum"]["answered"], &run["quorum"]["reviewed"]), (&json!(3), &json!(0)));
    assert_eq!(run["members"][0]["reviewReason"], "budget_exhausted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_stopped_with_all_that_it_started_wherever_that_is_carried() {
    let service = hanging().await;
    let replica = service.replica().await.unwrap();
    let ada = service.member();
    let there = Client::anonymous(format!("http://{}/", replica.public_addr).parse().unwrap())
        .with_token(ada.token().unwrap())
        .in_workspace(service.workspace);
    let (parent, other) = (begin(&ada, question()).await, begin(&ada, question()).await);
    // Who waits for a run is answered by the process that carries it.
    let (here_waits, there_waits) = (ada.clone(), there.clone());
    let path = "/api/v1/agents/run";
    let below = async { here_waits.post(path, under(&parent, "sim/a", None)).await };
    let elsewhere = async { there_waits.post(path, under(&parent, "sim/a", None)).await };
    let stop = async {
        let children = async || {
            let runs = ada.get("/api/v1/agents/runs?state=RUNNING").await.expect(200).json;
            let ids = runs["data"].as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap());
            let ids: Vec<String> =
                ids.filter(|id| *id != parent && *id != other).map(str::to_owned).collect();
            (ids.len() == 2).then_some(ids)
        };
        let children = eventually("both", children).await;
        let last = begin(&there, under(&children[0], "sim/a", None)).await;
        let began = tokio::time::Instant::now();
        ada.delete(&task(&parent)).await.expect(202);
        for id in children.iter().chain([&parent, &last]) {
            reach(&ada, id, "CANCELLED").await;
        }
        began.elapsed()
    };
    let (below, elsewhere, took) = tokio::join!(below, elsewhere, stop);
    below.expect_problem(409, "council.cancelled");
    elsewhere.expect_problem(409, "council.cancelled");
    assert!(took.as_secs() < 5, "{took:?}");
    let rest = ada.get("/api/v1/agents/runs?state=RUNNING").await.expect(200).json;
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["data"][0]["id"]), (1, &json!(other)));
    replica.stop().await;
}
