//! What `user.verified` does.

use witan_events::contracts::auth::v1::UserVerified;
use witan_events::contracts::tenancy::v1::{MemberAdded, WorkspaceCreated};
use witan_tenancy::Tenancy;
use witan_testkit::{TestService, eventually};

use crate::settle;

#[tokio::test(flavor = "multi_thread")]
async fn a_verified_person_gets_a_workspace_as_its_admin() {
    let service = TestService::<Tenancy>::start().await;
    let mut events = service.events().await;
    let ada = settle(&service, "Ada").await;
    let path = format!("/api/v1/workspaces/{}", ada.workspace());
    let workspace = ada.get(&path).await.expect(200);
    assert_eq!(workspace.text_at("/name"), "Ada's workspace");
    assert_eq!(workspace.text_at("/role"), "ADMIN");
    let members = ada.get(&format!("{path}/members")).await.expect(200);
    assert_eq!(members.text_at("/data/0/email"), "ada@example.org");
    assert_eq!(members.text_at("/data/0/role"), "ADMIN");
    let (envelope, created) = events.next::<WorkspaceCreated>().await;
    assert_eq!(envelope.workspace_id, Some(ada.workspace()));
    assert_eq!(created.owner_id, ada.user.unwrap().to_string());
    let (_, added) = events.next::<MemberAdded>().await;
    assert_eq!(added.role, "ADMIN");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_event_makes_no_second_workspace() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let event = UserVerified {
        user_id: ada.user.unwrap().to_string(),
        email: "ada@new.example".into(),
        name: "Ada L".into(),
    };
    // The same deed under a new id, which the inbox cannot know, and then that delivery again.
    let envelope = service.tell(None, &event.user_id.clone(), &event).await;
    service.repeat(&envelope).await;
    let members = format!("/api/v1/workspaces/{}/members", ada.workspace());
    eventually("the new address", async || {
        ada.get(&members).await.expect(200).text_at("/data/0/email") == "ada@new.example"
    })
    .await;
    let page = ada.get("/api/v1/workspaces").await.expect(200);
    assert_eq!(page.json["data"].as_array().unwrap().len(), 1);
}

/// Two processes hear of the same person under several ids at once, and one workspace is made.
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_make_one_workspace() {
    let service = TestService::<Tenancy>::start().await;
    let replica = service.replica().await.unwrap();
    let user = witan_ids::UserId::generate(service.clock());
    let event =
        UserVerified { user_id: user.to_string(), email: "ada@example.org".into(), name: "Ada".into() };
    let first = service.tell(None, &event.user_id, &event).await;
    let again = (0..10).map(|number| {
        let mut envelope = first.clone();
        // Half of them are the same delivery, half the same deed under another id.
        if number % 2 == 0 {
            envelope.id = witan_ids::EventId::generate(service.clock());
        }
        let service = &service;
        async move { service.repeat(&envelope).await }
    });
    futures_util::future::join_all(again).await;
    let database = service.database().superuser().await.unwrap();
    let count = async |table: &str| -> i64 {
        database.query_one(&format!("SELECT count(*) FROM tenancy.{table}"), &[]).await.unwrap().get(0)
    };
    eventually("every event", async || count("inbox").await == 6).await;
    assert_eq!((count("workspaces").await, count("members").await), (1, 1));
    assert!(replica.stop().await);
}
