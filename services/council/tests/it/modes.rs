//! Less than a whole council, when somebody asks for less.

use serde_json::{Value, json};
use witan_testkit::Answer;

use crate::{model, question, three, with_models};

fn asked(rest: Value) -> Value {
    let mut body = question();
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    body
}

fn members(run: &Answer) -> Vec<&str> {
    run.json["members"].as_array().unwrap().iter().map(|member| member["model"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mode_says_what_it_did() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let run = async |rest: Value| ada.post("/api/v1/agents/run", asked(rest)).await.expect(200);

    let single = run(json!({ "mode": "SINGLE", "model": "sim/poor" })).await;
    assert_eq!((single.text_at("/mode"), members(&single)), ("SINGLE".to_owned(), vec!["sim/poor"]));
    assert_eq!(single.json["quorum"], json!({ "asked": 1, "required": 1, "answered": 1, "reviewed": 0 }));
    assert_eq!(single.json["answer"], single.json["members"][0]["answer"]);
    assert_eq!((&single.json["degraded"], &single.json["synthesised"]), (&json!(false), &json!(false)));

    let ensemble = run(json!({ "mode": "SELF_ENSEMBLE", "samples": 2 })).await;
    assert_eq!(members(&ensemble), ["sim/good", "sim/good"]);
    assert_eq!((&ensemble.json["chair"], &ensemble.json["degraded"]), (&json!("sim/good"), &json!(false)));
    assert_eq!(ensemble.json["reviews"].as_array().unwrap().len(), 4);

    let vote = run(json!({ "mode": "VOTE", "options": ["raise", "wait"] })).await;
    let choices = vote.json["vote"]["choices"].as_array().unwrap();
    assert_eq!(choices.iter().map(|choice| choice["votes"].as_i64().unwrap()).sum::<i64>(), 3);
    assert_eq!((&vote.json["answer"], &vote.json["vote"]["tied"]), (&choices[0]["answer"], &json!(false)));
    let first = choices[0]["seats"][0].as_u64().unwrap() as usize - 1;
    assert_eq!(vote.json["members"][first]["choice"], vote.json["answer"]);
    assert_eq!((&vote.json["ranking"], &vote.json["degraded"]), (&json!([]), &json!(false)));

    let shown = ada.get(&format!("/api/v1/agents/runs/{}", vote.text_at("/id"))).await.expect(200);
    assert_eq!(shown.json, vote.json);
    let list = ada.get("/api/v1/agents/runs").await.expect(200);
    let modes: Vec<_> = list.json["data"].as_array().unwrap().iter().map(|run| &run["mode"]).collect();
    assert_eq!(modes, ["VOTE", "SELF_ENSEMBLE", "SINGLE"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_differ_are_a_tie_and_it_is_told() {
    let service = with_models(json!([model("a", 5, json!({})), model("b", 5, json!({}))])).await;
    let ada = service.member();
    // The models choose by what they are asked: some question finds them divided.
    for nth in 0..40 {
        let body = json!({ "agent": "finance", "prompt": format!("Which, number {nth}?"), "mode": "VOTE",
                           "options": ["one", "two", "three", "four"] });
        let run = ada.post("/api/v1/agents/run", body).await.expect(200);
        if run.json["vote"]["choices"].as_array().unwrap().len() < 2 {
            continue;
        }
        assert_eq!(run.json["vote"]["tied"], true);
        let first = |member: usize| run.text_at(&format!("/members/{member}/choice"));
        assert_eq!(run.text_at("/answer"), format!("{}\n{}", first(0), first(1)));
        return;
    }
    panic!("they always agreed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_the_mode_is_named_and_costs_nothing() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    for (rest, pointer) in [
        (json!({ "mode": "SINGLE", "model": "sim/omega" }), "/model"),
        (json!({ "model": "sim/good" }), "/model"),
        (json!({ "samples": 3 }), "/samples"),
        (json!({ "mode": "SELF_ENSEMBLE", "samples": 10 }), "/samples"),
        (json!({ "mode": "COUNCIL", "options": ["a", "b"] }), "/options"),
        (json!({ "mode": "VOTE", "options": ["yes", "YES!"] }), "/options"),
        (json!({ "mode": "VOTE", "options": ["yes", "n".repeat(201)] }), "/options"),
        (json!({ "mode": "DEBATE" }), "/mode"),
    ] {
        let answer = ada.post("/api/v1/agents/run", asked(rest.clone())).await;
        let answer = answer.expect_problem(422, "validation.failed");
        assert_eq!(answer.text_at("/errors/0/pointer"), pointer, "{rest}");
    }
    assert!(service.peers().asked().iter().all(|asked| !asked.request.contains("reservations")));
}
