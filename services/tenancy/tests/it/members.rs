//! Who belongs to a workspace, and what they may do there.

use serde_json::json;
use witan_tenancy::Tenancy;
use witan_testkit::{Answer, TestService};

use crate::{join, settle};

fn names(page: &Answer) -> Vec<String> {
    let data = page.json["data"].as_array().unwrap();
    data.iter().map(|member| member["name"].as_str().unwrap().to_owned()).collect()
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

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_pages_go_together() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    for number in 0..5 {
        join(&service, ada.workspace(), &format!("Grace {number}"), ("MEMBER", "ACTIVE")).await;
    }
    join(&service, ada.workspace(), "Gone", ("MEMBER", "INACTIVE")).await;
    let path = format!("/api/v1/workspaces/{}/members?search=grace&status=ACTIVE&limit=2", ada.workspace());
    let (mut found, mut next) = (Vec::new(), path.clone());
    loop {
        let page = ada.get(&next).await.expect(200);
        found.extend(names(&page));
        // Who joins while one reads is on a page that was read already.
        join(&service, ada.workspace(), &format!("Grace, late {}", found.len()), ("MEMBER", "ACTIVE")).await;
        let Some(cursor) = page.json["nextCursor"].as_str() else { break };
        next = format!("{path}&cursor={cursor}");
    }
    assert_eq!(found, ["Grace 4", "Grace 3", "Grace 2", "Grace 1", "Grace 0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_belongs_to_the_list_it_began_with() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    join(&service, ada.workspace(), "Second", ("MEMBER", "ACTIVE")).await;
    let path = format!("/api/v1/workspaces/{}/members", ada.workspace());
    let page = ada.get(&format!("{path}?limit=1")).await.expect(200);
    let cursor = page.text_at("/nextCursor");
    ada.get(&format!("{path}?limit=1&cursor={cursor}")).await.expect(200);
    let foreign = format!("/api/v1/workspaces/{}/members?cursor={cursor}", grace.workspace());
    for (person, path) in [
        (&ada, format!("{path}?role=ADMIN&cursor={cursor}")),
        (&ada, format!("/api/v1/startups?cursor={cursor}")),
        (&ada, format!("{path}?cursor={cursor}x")),
        (&grace, foreign),
    ] {
        assert_eq!(person.get(&path).await.status, 400, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_sees_and_does_not_change() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let grace = join(&service, ada.workspace(), "Grace", ("MEMBER", "ACTIVE")).await;
    let path = format!("/api/v1/workspaces/{}", ada.workspace());
    assert_eq!(grace.get(&path).await.expect(200).text_at("/role"), "MEMBER");
    assert_eq!(names(&grace.get(&format!("{path}/members")).await.expect(200)), ["Grace", "Ada"]);
    grace.get("/api/v1/startups").await.expect(200);
    grace.patch(&path, json!({ "name": "Mine" })).await.expect_problem(403, "access.permission_denied");
    grace
        .post("/api/v1/startups", json!({ "name": "Mine" }))
        .await
        .expect_problem(403, "access.permission_denied");
    assert_eq!(ada.get(&path).await.expect(200).text_at("/name"), "Ada's workspace");
    assert_eq!(ada.get("/api/v1/startups").await.expect(200).json["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_deactivated_sees_nothing() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let gone = join(&service, ada.workspace(), "Gone", ("ADMIN", "INACTIVE")).await;
    gone.get(&format!("/api/v1/workspaces/{}", ada.workspace())).await.expect(404);
    gone.get("/api/v1/startups").await.expect(404);
    let own = gone.in_no_workspace();
    assert_eq!(own.get("/api/v1/workspaces").await.expect(200).json["data"], json!([]));
}
