//! Workspaces that are deleted: nothing is sent while they may be restored, and nothing stays when they are not.

use serde_json::json;
use witan_events::contracts::tenancy::v1::{WorkspaceDeletionRequested, WorkspaceRestored};
use witan_ids::WorkspaceId;
use witan_testkit::{Reply, TestService, eventually, sink};
use witan_webhooks::Webhooks;

use crate::{ENDPOINTS, delivery_in, endpoint, startup, webhooks};

async fn close(service: &TestService<Webhooks>, workspace: WorkspaceId) {
    let event = WorkspaceDeletionRequested { workspace_id: workspace.to_string(), due_at: None };
    service.tell(Some(workspace), &event.workspace_id.clone(), &event).await;
    eventually("it is silent", async || service.kept_of(workspace).await.contains(&"silences".to_owned()))
        .await;
}

async fn restore(service: &TestService<Webhooks>, workspace: WorkspaceId) {
    let event = WorkspaceRestored { workspace_id: workspace.to_string() };
    service.tell(Some(workspace), &event.workspace_id.clone(), &event).await;
}

#[tokio::test]
async fn what_happens_meanwhile_is_sent_when_it_is_restored() {
    let (service, partner) = (webhooks().await, sink().await);
    let (admin, other) = (service.admin(), service.other_workspace());
    let made = endpoint(&admin, &partner.url("/ours"), &["*"]).await;
    let paused = endpoint(&admin, &partner.url("/paused"), &["*"]).await;
    let path = format!("{ENDPOINTS}/{}", paused["id"].as_str().unwrap());
    admin.patch(&path, json!({ "paused": true })).await.expect(200);
    let elsewhere = endpoint(&other, &partner.url("/theirs"), &["*"]).await;
    close(&service, service.workspace).await;
    let event = startup(&service, service.workspace).await;
    delivery_in(&admin, &made, "HELD").await;
    startup(&service, other.workspace()).await;
    delivery_in(&other, &elsewhere, "SUCCEEDED").await;
    assert_eq!(partner.received().len(), 1);

    restore(&service, service.workspace).await;
    delivery_in(&admin, &made, "SUCCEEDED").await;
    let ids: Vec<_> = partner.received().iter().map(|one| one.header("webhook-id").to_owned()).collect();
    assert_eq!((ids.len(), &ids[1]), (2, &event.id.to_string()));
    delivery_in(&admin, &paused, "HELD").await;
    restore(&service, service.workspace).await;
    startup(&service, service.workspace).await;
    partner.wait_for(3).await;
}

#[tokio::test]
async fn what_was_to_be_tried_again_waits_too() {
    let service =
        TestService::<Webhooks>::start_with(|builder| builder.env("WEBHOOKS_SCHEDULE", "3s,3s")).await;
    let partner = sink().await;
    let admin = service.admin();
    let made = endpoint(&admin, &partner.url("/"), &["*"]).await;
    partner.reply_next(Reply::status(503));
    startup(&service, service.workspace).await;
    partner.wait_for(1).await;
    close(&service, service.workspace).await;
    delivery_in(&admin, &made, "HELD").await;
    restore(&service, service.workspace).await;
    delivery_in(&admin, &made, "SUCCEEDED").await;
}

#[tokio::test]
async fn everything_is_told_without_secrets_and_everything_goes() {
    let (service, partner) = (webhooks().await, sink().await);
    let (admin, other) = (service.admin(), service.other_workspace());
    let wish = json!({ "url": partner.url("/hook?key=sesame"), "events": ["*"],
        "headers": { "X-Key": "open" } });
    let made = admin.post(ENDPOINTS, wish).await.expect(201).json;
    let elsewhere = endpoint(&other, &partner.url("/theirs"), &["*"]).await;
    let event = startup(&service, service.workspace).await;
    delivery_in(&admin, &made, "SUCCEEDED").await;
    startup(&service, other.workspace()).await;
    delivery_in(&other, &elsewhere, "SUCCEEDED").await;

    for (person, endpoint) in [(&admin, &made), (&other, &elsewhere)] {
        let path = format!("{ENDPOINTS}/{}/replay", endpoint["id"].as_str().unwrap());
        person.post(&path, json!({ "since": "2099-01-01T00:00:00Z" })).await.expect(202);
    }

    let told = service.told_of(service.workspace).await;
    let text = serde_json::to_string(&told).unwrap();
    assert_eq!((&told[0]["kind"], &told[0]["headerNames"]), (&json!("webhookEndpoint"), &json!(["X-Key"])));
    assert_eq!((&told[1]["kind"], &told[1]["endpointId"]), (&json!("webhookReplay"), &made["id"]));
    assert_eq!((&told[2]["kind"], &told[2]["id"]), (&json!("webhookMessage"), &json!(event.id)));
    assert_eq!(told[2]["deliveries"][0]["state"], "SUCCEEDED");
    for secret in ["sesame", "open", made["secret"].as_str().unwrap()] {
        assert!(!text.contains(secret), "{secret}");
    }
    let filled = [
        "attempts",
        "deliveries",
        "endpoint_secrets",
        "endpoints",
        "keyed_workspaces",
        "messages",
        "replays",
    ];
    eventually("all is counted", async || service.kept_of(service.workspace).await == filled).await;
    let report = service.purge(service.workspace).await;
    assert_eq!(report["service"], "webhooks");
    assert!(service.kept_of(service.workspace).await.is_empty());
    eventually("theirs too", async || service.kept_of(other.workspace()).await == filled).await;
    let kept = [
        "attempts",
        "breakers",
        "deliveries",
        "endpoint_secrets",
        "endpoints",
        "keyed_workspaces",
        "mentions",
        "messages",
        "replays",
        "silences",
        "unmetered",
    ];
    assert_eq!(service.kept().await, kept, "what `jobs::held` removes and `disclosure::workspace` tells");
    let path = format!("/internal/workspaces/{}/held", service.workspace);
    service.internal_anon().get(&path).await.expect(401);
}
