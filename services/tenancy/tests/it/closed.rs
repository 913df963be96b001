//! Members whose accounts are closed.

use serde_json::{Value, json};
use witan_events::contracts::auth::v1::{
    UserDeactivated, UserDeletionRequested, UserReactivated, UserRestored,
};
use witan_ids::UserId;
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService, eventually};

use crate::{join, settle};

async fn is_active(service: &TestService<Tenancy>, person: &Client) -> bool {
    let (user, workspace) = (person.user.unwrap(), person.workspace());
    let path = format!("/internal/memberships?userId={user}&workspaceId={workspace}");
    service.internal("chat").get(&path).await.expect(200).json["active"] == true
}

async fn administered(service: &TestService<Tenancy>, user: UserId) -> Value {
    service.internal("auth").post(&format!("/internal/users/{user}/administered"), ()).await.expect(200).json
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_account_is_a_member_nowhere_until_it_opens_again() {
    let service = TestService::<Tenancy>::start().await;
    let mut events = service.events().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let user_id = bob.user.unwrap().to_string();
    let status = async || {
        let members = format!("/api/v1/workspaces/{}/members?search=bob", ada.workspace());
        ada.get(&members).await.expect(200).text_at("/data/0/status")
    };
    let listed = async |wanted: &str| {
        let members = format!("/api/v1/workspaces/{}/members?status={wanted}", ada.workspace());
        ada.get(&members).await.expect(200).json["data"].as_array().unwrap().len()
    };
    let closings = [
        (
            service
                .tell(None, &user_id, &UserDeactivated { user_id: user_id.clone(), suspended: false })
                .await,
            false,
        ),
        (service.tell(None, &user_id, &UserReactivated { user_id: user_id.clone() }).await, true),
        (
            service
                .tell(None, &user_id, &UserDeletionRequested { user_id: user_id.clone(), due_at: None })
                .await,
            false,
        ),
        (service.tell(None, &user_id, &UserRestored { user_id: user_id.clone() }).await, true),
    ];
    for (_, active) in closings {
        let change = events.next_of("member.role_changed").await.data;
        assert_eq!(change["userId"], user_id.as_str());
        assert_eq!(change["status"], if active { "ACTIVE" } else { "INACTIVE" });
    }
    eventually("open", async || is_active(&service, &bob).await).await;
    service.tell(None, &user_id, &UserDeactivated { user_id: user_id.clone(), suspended: true }).await;
    eventually("closed", async || !is_active(&service, &bob).await).await;
    assert_eq!(status().await, "INACTIVE");
    assert_eq!((listed("ACTIVE").await, listed("INACTIVE").await), (1, 1));
    assert!(is_active(&service, &ada).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_else_runs_a_workspace_is_known() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let (user, workspace) = (ada.user.unwrap(), ada.workspace());
    assert_eq!(administered(&service, user).await, json!([]), "nobody else is there");
    join(&service, workspace, "Away", ("ADMIN", "INACTIVE")).await;
    assert_eq!(administered(&service, user).await, json!([]));
    let bob = join(&service, workspace, "Bob", ("MEMBER", "ACTIVE")).await;
    let alone = json!([{"workspaceId": workspace, "admins": []}]);
    assert_eq!(administered(&service, user).await, alone);
    assert_eq!(administered(&service, bob.user.unwrap()).await, json!([]));
    let joan = join(&service, workspace, "Joan", ("ADMIN", "ACTIVE")).await;
    let joan = joan.user.unwrap();
    assert_eq!(administered(&service, user).await, json!([{"workspaceId": workspace, "admins": [joan]}]));
    let closed = UserDeactivated { user_id: joan.to_string(), suspended: false };
    service.tell(None, &closed.user_id.clone(), &closed).await;
    eventually("Joan gone", async || administered(&service, user).await == alone).await;
    service.internal_anon().post(&format!("/internal/users/{user}/administered"), ()).await.expect(401);
}
