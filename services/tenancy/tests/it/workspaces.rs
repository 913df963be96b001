//! Making and changing workspaces.

use serde_json::json;
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
async fn members_are_searched_and_filtered() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let path = format!("/api/v1/workspaces/{}/members", ada.workspace());
    for (query, found) in [
        ("", 1),
        ("?search=ADA", 1),
        ("?search=%25", 0),
        ("?role=MEMBER", 0),
        ("?status=ACTIVE&role=ADMIN", 1),
    ] {
        let page = ada.get(&format!("{path}{query}")).await.expect(200);
        assert_eq!(page.json["data"].as_array().unwrap().len(), found, "{query}");
    }
    ada.get(&format!("{path}?role=KING")).await.expect_problem(400, "request.query_invalid");
    ada.get(&format!("{path}?limit=0&colour=red")).await.expect_problem(400, "request.query_invalid");
}
