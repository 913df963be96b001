//! Workspaces that are deleted: their keys rest while they may be restored, and go when they are not.

use serde_json::json;
use witan_access::api_key::ApiKeyProof;
use witan_events::contracts::tenancy::v1::{WorkspaceDeletionRequested, WorkspaceRestored};
use witan_ids::{UserId, WorkspaceId};
use witan_testkit::{Client, eventually};

use crate::world::{PASSWORD, World};

const KEYS: &str = "/api/v1/api-keys";
const ADA: &str = "ada@example.org";

async fn admin(world: &World, workspace: WorkspaceId) -> (Client, UserId) {
    let user = world.person(ADA).await;
    world.service.peers().admin(user, workspace);
    let login = world.login(ADA, PASSWORD).await.expect(200);
    (world.with_token(&login.text_at("/accessToken")), user)
}

/// A key of the workspace, and where another service asks for it.
async fn key(ada: &Client, workspace: WorkspaceId) -> (String, String) {
    let wish = json!({ "name": "deploy", "scopes": ["read"], "workspaceId": workspace });
    let key = ada.post(KEYS, wish).await.expect(201).text_at("/key");
    let proof = ApiKeyProof::of(&key).unwrap();
    let path = format!("/internal/api-keys?prefix={}&digest={}", proof.prefix, proof.digest_text());
    (key, path)
}

#[tokio::test]
async fn its_keys_rest_until_it_is_restored_and_everybody_is_told() {
    let world = World::start().await;
    let [here, there] = [world.workspace_id(), world.workspace_id()];
    let (ada, user) = admin(&world, here).await;
    world.service.peers().admin(user, there);
    let ((_, ours), (_, theirs)) = (key(&ada, here).await, key(&ada, there).await);
    let _ = world.internal().get(&ours).await.expect(200);
    let mut events = world.service.events().await;
    let event = WorkspaceDeletionRequested { workspace_id: here.to_string(), due_at: None };
    world.service.tell(Some(here), &event.workspace_id.clone(), &event).await;
    assert_eq!(events.next_of("api_key.all_changed").await.data["workspaceId"], json!(here));
    world.internal().get(&ours).await.expect_problem(404, "resource.not_found");
    let _ = world.internal().get(&theirs).await.expect(200);

    let event = WorkspaceRestored { workspace_id: here.to_string() };
    world.service.tell(Some(here), &event.workspace_id.clone(), &event).await;
    let _ = events.next_of("api_key.all_changed").await;
    let _ = world.internal().get(&ours).await.expect(200);
}

#[tokio::test]
async fn nobody_makes_keys_for_one_that_will_be_deleted() {
    let world = World::start().await;
    let workspace = world.workspace_id();
    let (ada, _) = admin(&world, workspace).await;
    world.service.peers().await_deletion(workspace, true);
    let wish = json!({ "name": "deploy", "scopes": ["read"], "workspaceId": workspace });
    ada.post(KEYS, wish).await.expect_problem(403, "access.workspace_deletion_pending");
    assert_eq!(world.count("api_keys").await, 0);
}

#[tokio::test]
async fn what_is_held_of_it_is_told_and_goes() {
    let world = World::start().await;
    let [here, there] = [world.workspace_id(), world.workspace_id()];
    let (ada, user) = admin(&world, here).await;
    world.service.peers().admin(user, there);
    let ((secret, ours), (_, theirs)) = (key(&ada, here).await, key(&ada, there).await);
    world.workspace_created(here, user).await;
    let homes = format!("users WHERE default_workspace = '{}'", here.uuid());
    world.until("a default workspace", &homes, 1).await;
    let told = world.service.told_of(here).await;
    assert_eq!((told.len(), &told[0]["kind"], &told[0]["name"]), (1, &json!("apiKey"), &json!("deploy")));
    let (_, secret) = secret.rsplit_once('_').unwrap();
    assert!(!told[0].to_string().contains(secret));

    let report = world.service.purge(here).await;
    assert_eq!((&report["service"], &report["rows"]), (&json!("auth"), &json!("2")));
    world.internal().get(&ours).await.expect(404);
    let _ = world.internal().get(&theirs).await.expect(200);
    assert_eq!(world.count(&homes).await, 0);
    assert!(world.service.kept_of(here).await.is_empty());
    assert_eq!(
        world.service.kept().await,
        ["api_keys", "closed_workspaces"],
        "what `jobs::workspaces` removes"
    );
    let path = format!("/internal/workspaces/{there}/held");
    world.internal_anon().get(&path).await.expect_problem(401, "access.token_missing");
    eventually("the owner has a home again", async || {
        world.workspace_created(there, user).await;
        world.count(&format!("users WHERE default_workspace = '{}'", there.uuid())).await == 1
    })
    .await;
}
