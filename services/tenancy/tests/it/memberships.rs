//! What other services ask.

use witan_ids::{UserId, WorkspaceId};
use witan_tenancy::Tenancy;
use witan_testkit::TestService;

use crate::{describe, settle};

#[tokio::test(flavor = "multi_thread")]
async fn a_membership_names_role_and_permissions() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let chat = service.internal("chat");
    let (user, workspace) = (ada.user.unwrap(), ada.workspace());
    let default = chat.get(&format!("/internal/memberships?userId={user}")).await.expect(200);
    let named =
        chat.get(&format!("/internal/memberships?userId={user}&workspaceId={workspace}")).await.expect(200);
    assert_eq!(default.json, named.json);
    assert_eq!(named.text_at("/workspaceId"), workspace.to_string());
    assert!(named.json["permissions"].as_array().unwrap().contains(&"startups:write".into()));
    assert_eq!(named.json["active"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_belong_has_none() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let chat = service.internal("chat");
    let stranger = UserId::generate(service.clock());
    let nowhere = WorkspaceId::generate(service.clock());
    chat.get(&format!("/internal/memberships?userId={stranger}")).await.expect(404);
    let user = ada.user.unwrap();
    chat.get(&format!("/internal/memberships?userId={user}&workspaceId={nowhere}")).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_services_may_ask() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let path = format!("/internal/memberships?userId={}", ada.user.unwrap());
    service.internal_anon().get(&path).await.expect(401);
    ada.get(&path).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_given_for_its_own_workspace_only() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let id = describe(&ada, "Analytical Engines").await;
    let council = service.internal("council");
    let own = ada.workspace();
    let profile = council.get(&format!("/internal/startups/{id}?workspaceId={own}")).await.expect(200);
    assert_eq!(profile.text_at("/name"), "Analytical Engines");
    let other = WorkspaceId::generate(service.clock());
    council.get(&format!("/internal/startups/{id}?workspaceId={other}")).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_runs_a_workspace_is_told_to_services_only() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, bob) = (settle(&service, "Ada").await, settle(&service, "Bob").await);
    let auth = service.internal("auth");
    let path = |workspace: WorkspaceId| format!("/internal/workspaces/{workspace}/admins");
    let ours = auth.get(&path(ada.workspace())).await.expect(200);
    assert_eq!(ours.json, serde_json::json!([ada.user.unwrap()]));
    let theirs = auth.get(&path(bob.workspace())).await.expect(200);
    assert_eq!(theirs.json, serde_json::json!([bob.user.unwrap()]));
    let nowhere = auth.get(&path(WorkspaceId::generate(service.clock()))).await.expect(200);
    assert_eq!(nowhere.json, serde_json::json!([]));
    service.internal_anon().get(&path(ada.workspace())).await.expect(401);
    ada.get(&path(ada.workspace())).await.expect(404);
}
