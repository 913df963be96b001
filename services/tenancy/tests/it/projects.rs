//! What groups conversations and runs.

use serde_json::{Value, json};
use witan_events::contracts::audit::v1::AuditRecorded;
use witan_events::contracts::tenancy::v1::{ProjectCreated, ProjectDeleted, ProjectUpdated};
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService};

use crate::{audited, join, settle};

const PROJECTS: &str = "/api/v1/projects";

async fn make(person: &Client, name: &str) -> String {
    person.post(PROJECTS, json!({ "name": name })).await.expect(201).text_at("/id")
}

async fn names(person: &Client, query: &str) -> Vec<String> {
    let page = person.get(&format!("{PROJECTS}?{query}")).await.expect(200);
    page.json["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().into()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_makes_changes_and_archives_one_and_it_is_told() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let mut events = service.events().await;
    let wish = json!({ "name": " Series A ", "description": "Until June." });
    let made = bob.post(PROJECTS, wish).await.expect(201);
    let path = made.header("location").to_owned();
    assert_eq!(path, format!("{PROJECTS}/{}", made.text_at("/id")));
    assert_eq!((made.text_at("/name").as_str(), made.json["archived"].clone()), ("Series A", json!(false)));
    assert_eq!(ada.get(&path).await.expect(200).json, made.json);
    let (envelope, created) = events.next::<ProjectCreated>().await;
    assert_eq!((envelope.workspace_id, created.project_id), (Some(ada.workspace()), made.text_at("/id")));
    let (_, entry) = events.next::<AuditRecorded>().await;
    assert_eq!((entry.action.as_str(), entry.actor_id), ("PROJECT_CREATED", bob.user.unwrap().to_string()));

    let changed = ada.patch(&path, json!({ "description": null, "archived": true })).await.expect(200);
    assert_eq!(changed.json["description"], Value::Null);
    assert_eq!(
        (changed.text_at("/name").as_str(), changed.json["archived"].clone()),
        ("Series A", json!(true))
    );
    let (_, updated) = events.next::<ProjectUpdated>().await;
    assert!(updated.archived);
    let (_, entry) = events.next::<AuditRecorded>().await;
    assert_eq!(entry.action, "PROJECT_UPDATED");
    assert!(names(&ada, "").await.is_empty());
    assert_eq!(names(&ada, "archived=true").await, ["Series A"]);
    ada.patch(&path, json!({ "archived": false })).await.expect(200);
    assert_eq!(names(&ada, "q=series").await, ["Series A"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_changes_nothing() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let path = format!("{PROJECTS}/{}", make(&ada, "Series A").await);
    let mut events = service.events().await;
    for bad in [json!({}), json!({ "name": " " }), json!({ "name": "x".repeat(121) }), json!({ "nmae": "x" })]
    {
        ada.post(PROJECTS, bad).await.expect_problem(422, "validation.failed");
    }
    for bad in [json!({ "name": null }), json!({ "name": "\u{0}" }), json!({ "archived": null })] {
        ada.patch(&path, bad).await.expect_problem(422, "validation.failed");
    }
    assert_eq!(names(&ada, "").await, ["Series A"]);
    assert!(events.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_one_is_unknown_and_nobody_else_has_it() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let id = make(&ada, "Series A").await;
    let path = format!("{PROJECTS}/{id}");
    let internal = |workspace| format!("/internal/projects/{id}?workspaceId={workspace}");
    let chat = service.internal("chat");
    assert_eq!(chat.get(&internal(ada.workspace())).await.expect(200).text_at("/name"), "Series A");
    chat.get(&internal(grace.workspace())).await.expect(404);
    service.internal_anon().get(&internal(ada.workspace())).await.expect(401);
    grace.get(&path).await.expect_problem(404, "resource.not_found");
    grace.patch(&path, json!({ "name": "Taken" })).await.expect_problem(404, "resource.not_found");
    grace.delete(&path).await.expect_problem(404, "resource.not_found");
    assert!(names(&grace, "").await.is_empty());

    let mut events = service.events().await;
    ada.delete(&path).await.expect(204);
    let (_, deleted) = events.next::<ProjectDeleted>().await;
    assert_eq!(deleted.project_id, id);
    assert_eq!(audited(&mut events, "PROJECT_DELETED").await.subject_id, id);
    ada.get(&path).await.expect_problem(404, "resource.not_found");
    ada.patch(&path, json!({ "name": "Back" })).await.expect_problem(404, "resource.not_found");
    ada.delete(&path).await.expect_problem(404, "resource.not_found");
    chat.get(&internal(ada.workspace())).await.expect(404);
    assert!(names(&ada, "").await.is_empty());
    assert!(events.rest().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_stay_whole_while_rows_are_written() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let mut expected = Vec::new();
    for number in 0..5 {
        expected.push(make(&ada, &format!("Number {number}")).await);
    }
    expected.reverse();
    let (mut seen, mut query) = (Vec::new(), String::new());
    loop {
        let page = ada.get(&format!("{PROJECTS}?limit=2{query}")).await.expect(200);
        let rows = page.json["data"].as_array().unwrap();
        seen.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        make(&ada, "A newcomer").await;
        let Some(cursor) = page.json["nextCursor"].as_str() else { break };
        query = format!("&cursor={cursor}");
    }
    assert_eq!(seen, expected);
}
