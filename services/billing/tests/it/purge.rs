//! What is held of a workspace: told for its export, and gone with it.

use serde_json::json;
use witan_ids::RunId;
use witan_testkit::eventually;

use crate::{billing, completed, usage};

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_told_and_everything_goes() {
    let service = billing().await;
    let (admin, other) = (service.admin(), service.other_workspace());
    let (here, there) = (admin.workspace(), other.workspace());
    for workspace in [here, there] {
        let run = RunId::generate(service.clock());
        service.tell(Some(workspace), &run.to_string(), &completed(workspace, run)).await;
        let wish = json!({ "workspaceId": workspace, "metric": "runs", "amount": 1, "reference": "later" });
        service.internal("council").post("/internal/reservations", wish).await.expect(200);
        let plan = json!({ "plan": "pro" });
        service
            .internal("tenancy")
            .put(&format!("/internal/subscriptions/{workspace}"), plan)
            .await
            .expect(200);
    }
    for person in [&admin, &other] {
        eventually("its run", async || usage(person, "runs").await["used"] == 1).await;
    }
    let kept = ["counters", "reservations", "subscriptions"];
    assert_eq!(
        (service.kept().await, service.kept_of(here).await),
        (kept.map(String::from).to_vec(), kept.map(String::from).to_vec())
    );
    let told = service.told_of(here).await;
    assert_eq!((&told[0]["kind"], &told[0]["plan"]), (&json!("subscription"), &json!("pro")));
    assert!(told.iter().any(|line| line["metric"] == "runs" && line["used"] == 1));

    let report = service.purge(here).await;
    assert_eq!((&report["workspaceId"], &report["service"]), (&json!(here), &json!("billing")));
    assert!(service.kept_of(here).await.is_empty() && service.told_of(here).await.is_empty());
    assert_eq!(service.kept_of(there).await, kept);
    service.internal_anon().get(&format!("/internal/workspaces/{there}/held")).await.expect(401);
}
