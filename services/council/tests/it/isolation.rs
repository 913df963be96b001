//! Nobody sees another workspace's runs.

use serde_json::json;

use crate::{ask, three, with_models};

#[tokio::test(flavor = "multi_thread")]
async fn runs_of_another_workspace_do_not_exist() {
    let service = with_models(three(json!({}))).await;
    let run = ask(&service.member()).await.expect(200).text_at("/id");
    let other = service.other_workspace();
    other.get(&format!("/api/v1/agents/runs/{run}")).await.expect_problem(404, "resource.not_found");
    assert_eq!(other.get("/api/v1/agents/runs").await.expect(200).json["data"], json!([]));
    let intruder = other.in_workspace(service.workspace);
    intruder.get("/api/v1/agents/runs").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_workspace_the_tables_are_empty() {
    let service = with_models(three(json!({}))).await;
    ask(&service.member()).await.expect(200);
    let app = service.database().app("council").await.unwrap();
    for table in ["runs", "run_members", "run_reviews", "run_calls", "run_events"] {
        let rows = app.query(&format!("SELECT 1 FROM {table}"), &[]).await.unwrap();
        assert!(rows.is_empty(), "{table}");
    }
    let owner = service.database().superuser().await.unwrap();
    let rows = owner.query("SELECT 1 FROM council.run_reviews", &[]).await.unwrap();
    assert_eq!(rows.len(), 9);
    let leases = owner.query("SELECT 1 FROM council.run_leases", &[]).await.unwrap();
    assert!(leases.is_empty(), "a finished run leaves no lease");
}
