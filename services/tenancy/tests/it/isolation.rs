//! Somebody else's row is indistinguishable from one that does not exist (invariants 2 and 6).

use serde_json::Value;
use witan_ids::StartupId;
use witan_tenancy::Tenancy;
use witan_testkit::{Answer, TestService};

use crate::{describe, settle};

/// What an answer says, apart from what differs between any two answers.
fn content(answer: &Answer) -> Value {
    let mut body = answer.json.clone();
    for own in ["requestId", "traceId", "instance"] {
        body.as_object_mut().unwrap().remove(own);
    }
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_start_up_answers_like_none() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let foreign = describe(&ada, "Secret").await;
    let nothing = StartupId::generate(service.clock());
    let foreign = grace.get(&format!("/api/v1/startups/{foreign}")).await.expect(404);
    let nothing = grace.get(&format!("/api/v1/startups/{nothing}")).await.expect(404);
    assert_eq!(content(&foreign), content(&nothing));
    assert_eq!(grace.get("/api/v1/startups").await.expect(200).json["data"], Value::Array(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workspace_header_selects_and_never_authorises() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let intruder = grace.clone().in_workspace(ada.workspace());
    intruder.get("/api/v1/startups").await.expect_problem(404, "access.workspace_not_found");
    let path = format!("/api/v1/workspaces/{}", ada.workspace());
    grace.clone().in_no_workspace().get(&path).await.expect(404);
    intruder.get(&path).await.expect(404);
    // The header must not disagree with the path either.
    let disagreeing = ada.clone().in_workspace(grace.workspace());
    disagreeing.get(&path).await.expect_problem(400, "request.header_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_query_of_the_service_sees_rows_without_a_workspace() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    describe(&ada, "Secret").await;
    let connection = service.database().app("tenancy").await.unwrap();
    for table in ["workspaces", "members", "startups"] {
        let rows = connection.query(&format!("SELECT * FROM {table}"), &[]).await.unwrap();
        assert!(rows.is_empty(), "{table} shows rows to a connection that is bound to no workspace");
    }
}
