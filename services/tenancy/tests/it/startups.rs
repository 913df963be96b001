//! Describing start-ups.

use serde_json::json;
use witan_events::contracts::tenancy::v1::StartupCreated;
use witan_tenancy::Tenancy;
use witan_testkit::TestService;

use crate::{describe, settle};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_described_is_shown_and_told() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let mut events = service.events().await;
    let profile = json!({
        "name": " Analytical Engines ", "stage": "PRE_SEED", "country": "GB", "teamSize": 3,
        "website": "https://example.com", "industry": "SaaS", "description": "Forecasts."
    });
    let created = ada.post("/api/v1/startups", profile).await.expect(201);
    let id = created.text_at("/id");
    assert_eq!(created.header("location"), format!("/api/v1/startups/{id}"));
    let shown = ada.get(&format!("/api/v1/startups/{id}")).await.expect(200);
    assert_eq!(shown.json, created.json);
    assert_eq!(shown.text_at("/name"), "Analytical Engines");
    assert_eq!(shown.text_at("/stage"), "PRE_SEED");
    let (envelope, told) = events.next::<StartupCreated>().await;
    assert_eq!((envelope.workspace_id, told.startup_id), (Some(ada.workspace()), id));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_named_all_at_once_and_changes_nothing() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let mut events = service.events().await;
    let bad = json!({ "nmae": "x", "stage": "LATE", "teamSize": -1, "country": "gb" });
    let answer = ada.post("/api/v1/startups", bad).await.expect_problem(422, "validation.failed");
    let pointers: Vec<_> = answer.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    for pointer in ["/nmae", "/stage", "/teamSize", "/country"] {
        assert!(pointers.contains(&pointer), "{pointer} is not among {pointers:?}");
    }
    assert!(answer.text.contains("name"), "the missing name is not named: {}", answer.text);
    let script = json!({ "name": "   ", "website": "javascript:alert(1)" });
    let answer = ada.post("/api/v1/startups", script).await.expect_problem(422, "validation.failed");
    assert_eq!(answer.json["errors"].as_array().unwrap().len(), 2);
    assert_eq!(ada.get("/api/v1/startups").await.expect(200).json["data"], json!([]));
    assert!(events.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_stay_whole_while_rows_are_written() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let mut expected = Vec::new();
    for number in 0..5 {
        expected.push(describe(&ada, &format!("Number {number}")).await);
    }
    expected.reverse();
    let mut seen = Vec::new();
    let mut path = "/api/v1/startups?limit=2".to_owned();
    loop {
        let page = ada.get(&path).await.expect(200);
        seen.extend(
            page.json["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()),
        );
        describe(&ada, "A newcomer").await;
        let Some(cursor) = page.json["nextCursor"].as_str() else { break };
        path = format!("/api/v1/startups?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_describes_one() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let body = json!({ "name": "Once" });
    let first = ada.post_once("key-1", "/api/v1/startups", &body).await.expect(201);
    let second = ada.post_once("key-1", "/api/v1/startups", &body).await.expect(201);
    assert_eq!(first.json, second.json);
    ada.post_once("key-1", "/api/v1/startups", json!({ "name": "Twice" }))
        .await
        .expect_problem(422, "idempotency.key_reused");
    assert_eq!(ada.get("/api/v1/startups").await.expect(200).json["data"].as_array().unwrap().len(), 1);
}
