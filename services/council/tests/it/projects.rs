//! Runs in projects.

use serde_json::{Value, json};
use witan_events::contracts::tenancy::v1::ProjectDeleted;
use witan_ids::ProjectId;
use witan_testkit::{Answer, Client, eventually};

use crate::{ask, question, three, with_models};

async fn ask_in(person: &Client, project: ProjectId) -> Answer {
    let mut question = question();
    question["projectId"] = json!(project);
    person.post("/api/v1/agents/run", question).await
}

async fn listed(person: &Client, query: &str) -> Vec<Value> {
    let page = person.get(&format!("/api/v1/agents/runs?{query}")).await.expect(200).json;
    page["data"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_belongs_to_a_project_until_that_is_deleted() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let project = ProjectId::generate(service.clock());
    service.peers().project(ada.workspace(), project);
    let plain = ask(&ada).await.expect(200).json;
    let run = ask_in(&ada, project).await.expect(200).json;
    assert_eq!((&plain["projectId"], &run["projectId"]), (&Value::Null, &json!(project)));
    let query = format!("projectId={project}");
    assert_eq!(listed(&ada, &query).await, [run["id"].clone()]);

    let event = ProjectDeleted { workspace_id: ada.workspace().to_string(), project_id: project.to_string() };
    service.tell(Some(ada.workspace()), &event.project_id.clone(), &event).await;
    eventually("the news has come", async || listed(&ada, &query).await.is_empty()).await;
    assert_eq!(listed(&ada, "").await, [run["id"].clone(), plain["id"].clone()]);
    // Tenancy's answer was under way when it was deleted.
    ask_in(&ada, project).await.expect_problem(422, "validation.failed");
    assert_eq!(listed(&ada, "").await.len(), 2);
    assert_eq!(service.peers().reserved(ada.workspace(), "runs"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_project_of_the_workspace_is_refused() {
    let service = with_models(three(json!({}))).await;
    let ada = service.member();
    let [foreign, nothing] = [(); 2].map(|()| ProjectId::generate(service.clock()));
    service.peers().project(service.other_workspace().workspace(), foreign);
    for wrong in [foreign, nothing] {
        let refused = ask_in(&ada, wrong).await.expect_problem(422, "validation.failed");
        assert_eq!(refused.text_at("/errors/0/pointer"), "/projectId");
    }
    assert!(listed(&ada, "").await.is_empty());
    assert_eq!(service.peers().reserved(ada.workspace(), "runs"), 0);
}
