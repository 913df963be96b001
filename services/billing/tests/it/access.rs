//! Who may see what.

use serde_json::json;
use witan_billing::Billing;
use witan_host::Service as _;
use witan_ids::{RunId, WorkspaceId};
use witan_testkit::eventually;

use crate::{billing, completed, usage};

#[test]
fn the_documents_have_no_mistakes() {
    assert_eq!(Billing::routes().mistakes(), Vec::<String>::new());
    assert_eq!(Billing::internal_routes().mistakes(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_is_for_members_only() {
    let service = billing().await;
    for path in ["/api/v1/usage", "/api/v1/subscription"] {
        service.anon().get(path).await.expect_problem(401, "access.token_missing");
        service.member().get(path).await.expect(200);
        let intruder = service.other_workspace().in_workspace(service.workspace);
        intruder.get(path).await.expect_problem(404, "access.workspace_not_found");
        let nowhere = service.other_workspace().in_workspace(WorkspaceId::generate(service.clock()));
        nowhere.get(path).await.expect_problem(404, "access.workspace_not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_are_chosen_and_parts_taken_by_services_only() {
    let service = billing().await;
    let (workspace, admin) = (service.workspace, service.admin());
    let wish = json!({ "workspaceId": workspace, "metric": "runs", "amount": 1, "reference": "run" });
    let path = format!("/internal/subscriptions/{workspace}");
    service.internal_anon().put(&path, json!({ "plan": "pro" })).await.expect(401);
    service.internal_anon().post("/internal/reservations", &wish).await.expect(401);
    admin.put(&path, json!({ "plan": "pro" })).await.expect(404);
    admin.post("/internal/reservations", &wish).await.expect(404);
    assert_eq!(usage(&admin, "runs").await["reserved"], 0);
    assert_eq!(admin.get("/api/v1/usage").await.expect(200).text_at("/plan"), "free");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_that_makes_no_sense_takes_nothing() {
    let service = billing().await;
    let (workspace, council) = (service.workspace, service.internal("council"));
    for amount in [0, -1, i64::MAX] {
        let wish =
            json!({ "workspaceId": workspace, "metric": "runs", "amount": amount, "reference": "run" });
        council.post("/internal/reservations", &wish).await.expect_problem(422, "validation.failed");
    }
    let wish = json!({ "workspaceId": workspace, "metric": "wishes", "amount": 1, "reference": "" });
    let answer = council.post("/internal/reservations", &wish).await.expect_problem(422, "validation.failed");
    assert_eq!(answer.json["errors"].as_array().unwrap().len(), 2, "{}", answer.text);
    assert_eq!(usage(&service.admin(), "runs").await["reserved"], 0);
}

/// Invariant 2, as the service's own role: nothing without a workspace, and within one only what is its own.
#[tokio::test(flavor = "multi_thread")]
async fn row_level_security_holds_without_any_where() {
    let service = billing().await;
    let (own, foreign) = (service.admin(), service.other_workspace());
    for person in [&own, &foreign] {
        let workspace = person.workspace();
        let run = RunId::generate(service.clock());
        service.tell(Some(workspace), "run", &completed(workspace, run)).await;
        eventually("a run", async || usage(person, "runs").await["used"] == 1).await;
        let operator = service.internal("operator");
        let path = format!("/internal/subscriptions/{workspace}");
        operator.put(&path, json!({ "plan": "pro" })).await.expect(200);
        let wish = json!({ "workspaceId": workspace, "metric": "runs", "amount": 1, "reference": "run" });
        operator.post("/internal/reservations", wish).await.expect(200);
    }
    let mut connection = service.database().app("billing").await.unwrap();
    for (table, column) in [("subscriptions", "plan"), ("counters", "metric"), ("reservations", "metric")] {
        let all = format!("SELECT workspace_id::text FROM {table}");
        assert!(connection.query(&all, &[]).await.unwrap().is_empty(), "{table} without a workspace");
        let tx = connection.transaction().await.unwrap();
        let id = own.workspace().uuid().to_string();
        tx.execute("SELECT set_config('witan.workspace_id', $1, true)", &[&id]).await.unwrap();
        let seen: Vec<String> = tx.query(&all, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
        assert!(!seen.is_empty() && seen.iter().all(|seen| *seen == id), "{table}: {seen:?}");
        let touched = tx.execute(&format!("UPDATE {table} SET {column} = {column}"), &[]).await.unwrap();
        assert_eq!(touched, seen.len() as u64, "{table}");
        let gone = tx.execute(&format!("DELETE FROM {table}"), &[]).await.unwrap();
        assert_eq!(gone, seen.len() as u64, "{table}");
        tx.rollback().await.unwrap();
    }
}
