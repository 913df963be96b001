//! Describing start-ups.

use serde_json::{Value, json};
use witan_events::contracts::tenancy::v1::{StartupCreated, StartupDeleted, StartupUpdated};
use witan_ids::StartupId;
use witan_tenancy::Tenancy;
use witan_testkit::TestService;

use crate::{audited, describe, join, settle};

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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_named_stays_and_null_takes_away() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let profile = json!({ "name": "Engines", "stage": "SEED", "country": "GB", "teamSize": 3 });
    let made = ada.post("/api/v1/startups", profile).await.expect(201);
    let path = format!("/api/v1/startups/{}", made.text_at("/id"));
    let mut events = service.events().await;
    let changed = ada.patch(&path, json!({ "stage": "SERIES_A", "teamSize": null, "name": " Looms " })).await;
    let changed = changed.expect(200);
    let told = ["/name", "/stage", "/country"].map(|part| changed.text_at(part));
    assert_eq!(told, ["Looms", "SERIES_A", "GB"]);
    assert_eq!(changed.json["teamSize"], Value::Null);
    assert_eq!(ada.get(&path).await.expect(200).json, changed.json);
    let (_, updated) = events.next::<StartupUpdated>().await;
    assert_eq!((updated.startup_id, updated.name.as_str()), (made.text_at("/id"), "Looms"));
    assert_eq!(audited(&mut events, "STARTUP_UPDATED").await.subject_id, made.text_at("/id"));

    let bad = json!({ "name": null, "stage": "LATE", "website": "javascript:alert(1)", "id": "x" });
    ada.patch(&path, bad).await.expect_problem(422, "validation.failed");
    let script = json!({ "name": "Other", "website": "javascript:alert(1)" });
    ada.patch(&path, script).await.expect_problem(422, "validation.failed");
    assert_eq!(ada.get(&path).await.expect(200).json, changed.json);
    assert!(events.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_one_is_unknown_to_everybody() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let (id, kept) = (describe(&ada, "Engines").await, describe(&ada, "Looms").await);
    let path = format!("/api/v1/startups/{id}");
    let internal = format!("/internal/startups/{id}?workspaceId={}", ada.workspace());
    let council = service.internal("council");
    council.get(&internal).await.expect(200);
    for (person, status) in [(&bob, 403), (&grace, 404)] {
        person.delete(&path).await.expect(status);
        person.patch(&path, json!({ "name": "Taken" })).await.expect(status);
    }
    assert_eq!(ada.get(&path).await.expect(200).text_at("/name"), "Engines");
    let mut events = service.events().await;
    ada.delete(&path).await.expect(204);
    let (_, deleted) = events.next::<StartupDeleted>().await;
    assert_eq!(deleted.startup_id, id);
    assert_eq!(audited(&mut events, "STARTUP_DELETED").await.subject_id, id);
    ada.get(&path).await.expect_problem(404, "resource.not_found");
    ada.delete(&path).await.expect_problem(404, "resource.not_found");
    ada.patch(&path, json!({ "name": "Back" })).await.expect_problem(404, "resource.not_found");
    council.get(&internal).await.expect(404);
    let page = ada.get("/api/v1/startups").await.expect(200);
    assert_eq!((page.json["data"].as_array().unwrap().len(), page.text_at("/data/0/id")), (1, kept));
    ada.delete(&format!("/api/v1/startups/{}", StartupId::generate(service.clock()))).await.expect(404);
    assert!(events.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_delete_at_once_delete_once() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let path = format!("/api/v1/startups/{}", describe(&ada, "Engines").await);
    let answers = futures_util::future::join_all((0..6).map(|_| ada.delete(&path))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 404, 404, 404, 404, 404]);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_searched_and_filtered_and_a_cursor_is_good_for_its_filter() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    for (name, stage) in [("Difference Engines", "SEED"), ("100% Looms", "SEED"), ("Engine Oil", "IDEA")] {
        ada.post("/api/v1/startups", json!({ "name": name, "stage": stage })).await.expect(201);
    }
    let names = async |query: &str| -> Vec<String> {
        let page = ada.get(&format!("/api/v1/startups?{query}")).await.expect(200);
        page.json["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().into()).collect()
    };
    assert_eq!(names("q=ENGINE").await, ["Engine Oil", "Difference Engines"]);
    assert_eq!(names("q=engine&stage=SEED").await, ["Difference Engines"]);
    assert_eq!(names("q=%25").await, ["100% Looms"]);
    assert!(names("q=_").await.is_empty());
    ada.get("/api/v1/startups?stage=LATE").await.expect_problem(400, "request.query_invalid");
    let page = ada.get("/api/v1/startups?stage=SEED&limit=1").await.expect(200);
    let cursor = page.text_at("/nextCursor");
    assert_eq!(names(&format!("stage=SEED&limit=1&cursor={cursor}")).await, ["Difference Engines"]);
    let other = format!("/api/v1/startups?stage=IDEA&limit=1&cursor={cursor}");
    ada.get(&other).await.expect_problem(400, "request.cursor_invalid");
}
