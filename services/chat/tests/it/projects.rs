//! Conversations in projects.

use serde_json::{Value, json};
use witan_chat::Chat;
use witan_events::contracts::tenancy::v1::ProjectDeleted;
use witan_ids::{ProjectId, WorkspaceId};
use witan_testkit::{Client, TestService, eventually};

use crate::{CONVERSATIONS, ask, chat, platform_persona, say};

async fn begin(person: &Client, project: ProjectId) -> String {
    let wish = json!({ "message": "One", "projectId": project });
    let path = ask(&platform_persona(person).await);
    person.post(&path, wish).await.expect(200).text_at("/conversationId")
}

fn project(service: &TestService<Chat>, workspace: WorkspaceId) -> ProjectId {
    let id = ProjectId::generate(service.clock());
    service.peers().project(workspace, id);
    id
}

async fn listed(person: &Client, query: &str) -> Vec<String> {
    let page = person.get(&format!("{CONVERSATIONS}?{query}")).await.expect(200).json;
    page["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

async fn delete(service: &TestService<Chat>, workspace: WorkspaceId, project: ProjectId) {
    let event = ProjectDeleted { workspace_id: workspace.to_string(), project_id: project.to_string() };
    service.tell(Some(workspace), &event.project_id.clone(), &event).await;
}

#[tokio::test]
async fn a_conversation_begins_in_one_moves_and_leaves() {
    let service = chat().await;
    let member = service.member();
    let [one, other] = [(); 2].map(|()| project(&service, member.workspace()));
    let id = begin(&member, one).await;
    let path = format!("{CONVERSATIONS}/{id}");
    let plain = say(&member, &platform_persona(&member).await, "Two").await["conversationId"].clone();
    assert_eq!(member.get(&path).await.expect(200).json["projectId"], json!(one));
    assert_eq!(listed(&member, &format!("projectId={one}")).await, std::slice::from_ref(&id));
    assert_eq!(listed(&member, "").await, [plain.as_str().unwrap(), &id]);

    let moved = member.patch(&path, json!({ "projectId": other })).await.expect(200);
    assert_eq!(moved.json["projectId"], json!(other));
    assert!(listed(&member, &format!("projectId={one}")).await.is_empty());
    let renamed = member.patch(&path, json!({ "title": "Kept" })).await.expect(200);
    assert_eq!(renamed.json["projectId"], json!(other));
    let left = member.patch(&path, json!({ "projectId": null })).await.expect(200);
    assert_eq!((&left.json["projectId"], &left.json["title"]), (&Value::Null, &json!("Kept")));
}

#[tokio::test]
async fn what_is_no_project_of_the_workspace_is_refused_and_changes_nothing() {
    let service = chat().await;
    let member = service.member();
    let known = project(&service, member.workspace());
    let id = begin(&member, known).await;
    let foreign = project(&service, service.other_workspace().workspace());
    let nothing = ProjectId::generate(service.clock());
    let persona = platform_persona(&member).await;
    for wrong in [foreign, nothing] {
        let wish = json!({ "message": "One", "projectId": wrong });
        let refused = member.post(&ask(&persona), wish).await.expect_problem(422, "validation.failed");
        assert_eq!(refused.text_at("/errors/0/pointer"), "/projectId");
        let wish = json!({ "title": "Other", "projectId": wrong });
        member.patch(&format!("{CONVERSATIONS}/{id}"), wish).await.expect_problem(422, "validation.failed");
    }
    let both = json!({ "message": "Two", "conversationId": id, "projectId": known });
    member.post(&ask(&persona), both).await.expect_problem(422, "validation.failed");
    service.peers().set_service_away("tenancy", true);
    let wish = json!({ "message": "One", "projectId": known });
    member.post(&ask(&persona), wish).await.expect_problem(503, "dependency.unavailable");
    assert_eq!(listed(&member, "").await, std::slice::from_ref(&id));
    let kept = member.get(&format!("{CONVERSATIONS}/{id}")).await.expect(200);
    assert_eq!((kept.json["title"].clone(), kept.json["projectId"].clone()), (json!("One"), json!(known)));
    assert_eq!(service.peers().reserved(member.workspace(), "messages"), 1);
}

#[tokio::test]
async fn a_deleted_project_leaves_its_conversations_and_is_not_used_by_who_comes_late() {
    let service = chat().await;
    let member = service.member();
    let [gone, kept] = [(); 2].map(|()| project(&service, member.workspace()));
    let (first, second) = (begin(&member, gone).await, begin(&member, kept).await);
    delete(&service, service.other_workspace().workspace(), kept).await;
    delete(&service, member.workspace(), gone).await;
    let path = format!("{CONVERSATIONS}/{first}");
    let left = eventually("the news has come", async || {
        let shown = member.get(&path).await.expect(200);
        shown.json["projectId"].is_null().then_some(shown)
    })
    .await;
    assert_eq!(left.text_at("/title"), "One");
    assert_eq!(listed(&member, &format!("projectId={kept}")).await, [second]);
    // Tenancy was asked before it was deleted there: its answer came, and what it said is over.
    let late = json!({ "message": "Late", "projectId": gone });
    let persona = platform_persona(&member).await;
    member.post(&ask(&persona), late).await.expect_problem(422, "validation.failed");
    member.patch(&path, json!({ "projectId": gone })).await.expect_problem(422, "validation.failed");
    assert!(listed(&member, &format!("projectId={gone}")).await.is_empty());
}
