//! Making and changing workspaces.

use serde_json::json;
use witan_host::Service as _;
use witan_tenancy::Tenancy;
use witan_testkit::TestService;

use crate::settle;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_may_have_several() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await.in_no_workspace();
    let made = ada
        .post("/api/v1/workspaces", json!({ "name": "Second", "timeZone": "Europe/London" }))
        .await
        .expect(201);
    let page = ada.get("/api/v1/workspaces").await.expect(200);
    assert_eq!(page.json["data"].as_array().unwrap().len(), 2);
    assert_eq!(page.text_at("/data/0/id"), made.text_at("/id"));
    let second = ada.get(&format!("/api/v1/workspaces/{}", made.text_at("/id"))).await.expect(200);
    assert_eq!(second.text_at("/timeZone"), "Europe/London");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_admin_changes_it_and_what_is_not_named_stays() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let path = format!("/api/v1/workspaces/{}", ada.workspace());
    let changed = ada.patch(&path, json!({ "name": "Engines" })).await.expect(200);
    assert_eq!(changed.text_at("/name"), "Engines");
    assert_eq!(changed.text_at("/timeZone"), "UTC");
    ada.patch(&path, json!({ "name": "" })).await.expect_problem(422, "validation.failed");
    assert_eq!(ada.get(&path).await.expect(200).text_at("/name"), "Engines");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_without_a_token() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let anon = service.anon();
    anon.get("/api/v1/workspaces").await.expect_problem(401, "access.token_missing");
    anon.get(&format!("/api/v1/workspaces/{}", ada.workspace())).await.expect(401);
    anon.post("/api/v1/startups", json!({ "name": "x" })).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_it_can_be_taken_away() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let path = format!("/api/v1/workspaces/{}", ada.workspace());
    let answer = ada.patch(&path, json!({ "name": null, "locale": null, "role": "ADMIN" })).await;
    let answer = answer.expect_problem(422, "validation.failed");
    assert_eq!(answer.json["errors"].as_array().unwrap().len(), 3, "{}", answer.text);
    assert_eq!(ada.get(&path).await.expect(200).text_at("/name"), "Ada's workspace");
}

#[tokio::test(flavor = "multi_thread")]
async fn times_have_milliseconds_whoever_writes_them() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let path = format!("/api/v1/workspaces/{}", ada.workspace());
    let changed = ada.patch(&path, json!({ "locale": "en-GB" })).await.expect(200);
    for answer in [&changed, &ada.get(&path).await.expect(200)] {
        for time in ["/createdAt", "/updatedAt"] {
            assert!(answer.text_at(time).len() <= "2026-11-20T12:00:00.000Z".len(), "{}", answer.text);
        }
    }
    assert_eq!(changed.json, ada.get(&path).await.expect(200).json);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_makes_one() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await.in_no_workspace();
    let body = json!({ "name": "Once" });
    let first = ada.post_once("key-1", "/api/v1/workspaces", &body).await.expect(201);
    let second = ada.post_once("key-1", "/api/v1/workspaces", &body).await.expect(201);
    assert_eq!(first.json, second.json);
    assert_eq!(ada.get("/api/v1/workspaces").await.expect(200).json["data"].as_array().unwrap().len(), 2);
}

#[test]
fn the_documents_have_no_mistakes() {
    assert_eq!(Tenancy::routes().mistakes(), Vec::<String>::new());
    assert_eq!(Tenancy::internal_routes().mistakes(), Vec::<String>::new());
}
