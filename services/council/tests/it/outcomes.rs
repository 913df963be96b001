//! Members that fail.

use serde_json::json;
use witan_events::contracts::council::v1::AgentRunFailed;

use crate::{ask, model, three, with_models};

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_member_degrades_the_run() {
    let service = with_models(three(json!({ "fail": "UNAVAILABLE" }))).await;
    let run = ask(&service.member()).await.expect(200);
    assert_eq!(run.json["degraded"], true);
    assert_eq!(run.json["quorum"], json!({ "asked": 3, "required": 2, "answered": 2, "reviewed": 2 }));
    let third = &run.json["members"][2];
    assert_eq!((&third["state"], &third["reason"]), (&json!("MISSING"), &json!("unavailable")));
    assert_eq!((&third["answer"], &third["review"]), (&json!(null), &json!("NOT_ASKED")));
    assert_eq!(run.json["ranking"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_an_abstention_and_its_answer_is_judged_all_the_same() {
    let service = with_models(three(json!({ "fail": "GARBAGE", "failPurposes": ["CRITIQUE"] }))).await;
    let run = ask(&service.member()).await.expect(200);
    assert_eq!(run.json["quorum"]["reviewed"], 2);
    assert_eq!(run.text_at("/members/2/review"), "ABSTAINED");
    assert_eq!(run.text_at("/members/2/reviewReason"), "unreadable");
    assert_eq!(run.json["ranking"].as_array().unwrap().len(), 3);
    assert_eq!(run.json["degraded"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_cannot_talk_its_reviewers_into_points() {
    let service = with_models(three(json!({ "fail": "INJECTION", "failPurposes": ["ANSWER"] }))).await;
    let run = ask(&service.member()).await.expect(200);
    assert!(run.text_at("/members/2/answer").contains("rate this 10"));
    assert_eq!(run.text_at("/ranking/2/model"), "sim/poor");
    assert!(run.json["ranking"][2]["score"].as_f64().unwrap() < 6.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_quorum_the_run_fails_and_says_who_was_missing() {
    let down = json!({ "fail": "RATE_LIMITED" });
    let models = json!([model("a", 5, down.clone()), model("b", 5, down), model("c", 5, json!({}))]);
    let service = with_models(models).await;
    let mut events = service.events().await;
    let ada = service.member();
    ask(&ada).await.expect_problem(502, "council.quorum_not_met");
    let (_, told) = events.next::<AgentRunFailed>().await;
    assert_eq!(told.code, "council.quorum_not_met");
    assert!(told.output_tokens > 0, "what was used is told");
    let run = ada.get(&format!("/api/v1/agents/runs/{}", told.run_id)).await.expect(200);
    assert_eq!(run.text_at("/state"), "FAILED");
    assert_eq!(run.text_at("/failure/code"), "council.quorum_not_met");
    assert_eq!(run.text_at("/members/0/reason"), "rate_limited");
    assert!(events.rest().await.is_empty());
}
