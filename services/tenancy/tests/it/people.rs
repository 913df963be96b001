//! What `user.renamed` and `user.email_changed` do.

use witan_events::contracts::auth::v1::{UserEmailChanged, UserRenamed};
use witan_tenancy::Tenancy;
use witan_testkit::{TestService, eventually};

use crate::{join, settle};

#[tokio::test(flavor = "multi_thread")]
async fn members_are_shown_under_the_name_and_address_they_have_now() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let user_id = ada.user.unwrap().to_string();
    let renamed = UserRenamed { user_id: user_id.clone(), name: "Augusta".into() };
    let moved = UserEmailChanged { user_id: user_id.clone(), email: "augusta@example.net".into() };
    service.tell(None, &user_id, &renamed).await;
    service.tell(None, &user_id, &moved).await;
    let members = format!("/api/v1/workspaces/{}/members", ada.workspace());
    let known = async |email: &str, name: &str| {
        let page = ada.get(&members).await.expect(200);
        let rows = page.json["data"].as_array().unwrap();
        rows.iter().any(|row| row["email"] == email && row["name"] == name)
    };
    eventually("the new name and address", async || known("augusta@example.net", "Augusta").await).await;
    assert!(known("bob@example.org", "Bob").await, "somebody else changed");

    let unknown = witan_ids::UserId::generate(service.clock()).to_string();
    let event = UserRenamed { user_id: unknown.clone(), name: "Nobody".into() };
    service.tell(None, &unknown, &event).await;
    let last = UserRenamed { user_id: bob.user.unwrap().to_string(), name: "Robert".into() };
    service.tell(None, &last.user_id.clone(), &last).await;
    eventually("what comes after it", async || known("bob@example.org", "Robert").await).await;
}
