//! Changing members: what it does, who hears of it, and who may.

use serde_json::json;
use witan_events::contracts::audit::v1::AuditRecorded;
use witan_events::contracts::tenancy::v1::{MemberRemoved, MemberRoleChanged};
use witan_ids::{RoleId, UserId};
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService, eventually};

use crate::{join, settle};

/// Where this member is found in this person's workspace.
pub(crate) fn path_of(person: &Client, member: &Client) -> String {
    format!("/api/v1/workspaces/{}/members/{}", person.workspace(), member.user.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_changed_and_everybody_hears_of_it() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let path = path_of(&ada, &bob);
    assert_eq!(bob.get(&path).await.expect(200).text_at("/role"), "MEMBER");
    bob.post("/api/v1/startups", json!({ "name": "No" })).await.expect(403);
    let mut events = service.events().await;
    let changed = ada.patch(&path, json!({ "role": "ADMIN" })).await.expect(200);
    assert_eq!(
        (changed.text_at("/role"), changed.text_at("/email")),
        ("ADMIN".into(), "bob@example.org".into())
    );
    bob.post("/api/v1/startups", json!({ "name": "At once" })).await.expect(201);
    assert_eq!(ada.get(&path).await.expect(200).json, changed.json);

    let (envelope, event) = events.next::<MemberRoleChanged>().await;
    assert_eq!(envelope.workspace_id, Some(ada.workspace()));
    assert_eq!((event.role.as_str(), event.status.as_str()), ("ADMIN", "ACTIVE"));
    let (_, entry) = events.next::<AuditRecorded>().await;
    assert_eq!(entry.action, "MEMBER_ROLE_CHANGED");
    assert_eq!(
        (entry.actor_id, entry.subject_id),
        (ada.user.unwrap().to_string(), bob.user.unwrap().to_string())
    );
    assert_eq!((entry.details["role"].as_str(), entry.details["newRole"].as_str()), ("MEMBER", "ADMIN"));

    // The same once more is no change.
    assert_eq!(ada.patch(&path, json!({ "role": "ADMIN" })).await.expect(200).json, changed.json);
    let told: Vec<_> = events.rest().await.into_iter().map(|event| event.event_type).collect();
    assert!(!told.contains(&"member.role_changed".to_owned()), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_taken_out_of_action_is_out_at_once_and_comes_back_as_they_were() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let path = path_of(&ada, &bob);
    bob.get("/api/v1/startups").await.expect(200);
    let mut events = service.events().await;
    let off = ada.post(&format!("{path}/deactivate"), ()).await.expect(200);
    assert_eq!((off.text_at("/status"), off.text_at("/role")), ("INACTIVE".into(), "MEMBER".into()));
    bob.get("/api/v1/startups").await.expect_problem(404, "access.workspace_not_found");
    bob.post(&format!("/api/v1/workspaces/{}/leave", ada.workspace()), ()).await.expect(404);
    assert_eq!(events.next::<MemberRoleChanged>().await.1.status, "INACTIVE");
    assert_eq!(events.next::<AuditRecorded>().await.1.action, "MEMBER_DEACTIVATED");
    let on = ada.post(&format!("{path}/activate"), ()).await.expect(200);
    assert_eq!(on.text_at("/status"), "ACTIVE");
    assert_eq!(events.next::<MemberRoleChanged>().await.1.status, "ACTIVE");
    assert_eq!(events.next::<AuditRecorded>().await.1.action, "MEMBER_ACTIVATED");
    bob.get("/api/v1/startups").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_removed_or_leaves_is_gone() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let eve = join(&service, ada.workspace(), "Eve", ("ADMIN", "ACTIVE")).await;
    let mut events = service.events().await;
    bob.get("/api/v1/startups").await.expect(200);
    ada.delete(&path_of(&ada, &bob)).await.expect(204);
    bob.get("/api/v1/startups").await.expect_problem(404, "access.workspace_not_found");
    let (_, event) = events.next::<MemberRemoved>().await;
    assert_eq!((event.user_id, event.status.as_str()), (bob.user.unwrap().to_string(), "REMOVED"));
    assert_eq!(events.next::<AuditRecorded>().await.1.action, "MEMBER_REMOVED");
    ada.delete(&path_of(&ada, &bob)).await.expect_problem(404, "resource.not_found");

    let leave = format!("/api/v1/workspaces/{}/leave", ada.workspace());
    eve.get("/api/v1/startups").await.expect(200);
    eve.post(&leave, ()).await.expect(204);
    eve.get("/api/v1/startups").await.expect(404);
    assert_eq!(events.next::<MemberRemoved>().await.1.user_id, eve.user.unwrap().to_string());
    let (_, entry) = events.next::<AuditRecorded>().await;
    assert_eq!((entry.action.as_str(), entry.actor_id), ("MEMBER_LEFT", eve.user.unwrap().to_string()));
    eve.post(&leave, ()).await.expect_problem(404, "resource.not_found");
    let left = ada.get(&format!("/api/v1/workspaces/{}/members", ada.workspace())).await.expect(200);
    assert_eq!(left.json["data"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_manages_nobody() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let eve = join(&service, ada.workspace(), "Eve", ("MEMBER", "ACTIVE")).await;
    let path = path_of(&ada, &eve);
    const DENIED: &str = "access.permission_denied";
    bob.patch(&path, json!({ "role": "ADMIN" })).await.expect_problem(403, DENIED);
    bob.patch(&path_of(&ada, &bob), json!({ "role": "ADMIN" })).await.expect_problem(403, DENIED);
    bob.post(&format!("{path}/deactivate"), ()).await.expect_problem(403, DENIED);
    bob.post(&format!("{path}/activate"), ()).await.expect_problem(403, DENIED);
    bob.delete(&path).await.expect_problem(403, DENIED);
    let page = ada.get(&format!("/api/v1/workspaces/{}/members", ada.workspace())).await.expect(200);
    for (index, role) in ["MEMBER", "MEMBER", "ADMIN"].iter().enumerate() {
        assert_eq!(page.text_at(&format!("/data/{index}/role")), *role);
        assert_eq!(page.text_at(&format!("/data/{index}/status")), "ACTIVE");
    }
}

/// Foreign members and roles answer as those that nobody has.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_changed_from_another_workspace() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let stranger = UserId::generate(service.clock());
    let own = |user: UserId| format!("/api/v1/workspaces/{}/members/{user}", grace.workspace());
    for user in [bob.user.unwrap(), stranger] {
        grace.get(&own(user)).await.expect_problem(404, "resource.not_found");
        grace.patch(&own(user), json!({ "role": "MEMBER" })).await.expect_problem(404, "resource.not_found");
        grace.post(&format!("{}/deactivate", own(user)), ()).await.expect_problem(404, "resource.not_found");
        grace.delete(&own(user)).await.expect_problem(404, "resource.not_found");
    }
    let outsider = grace.clone().in_no_workspace();
    let path = path_of(&ada, &bob);
    outsider.get(&path).await.expect_problem(404, "access.workspace_not_found");
    outsider.delete(&path).await.expect_problem(404, "access.workspace_not_found");
    outsider.post(&format!("/api/v1/workspaces/{}/leave", ada.workspace()), ()).await.expect(404);
    let nowhere = RoleId::generate(service.clock());
    let unknown = ada.patch(&path, json!({ "role": nowhere })).await.expect_problem(422, "validation.failed");
    assert_eq!(unknown.text_at("/errors/0/pointer"), "/role");
    for body in
        [json!({}), json!({ "role": "KING" }), json!({ "role": null }), json!({ "role": "ADMIN", "x": 1 })]
    {
        ada.patch(&path, &body).await.expect_problem(422, "validation.failed");
    }
    assert_eq!(bob.get(&path).await.expect(200).text_at("/role"), "MEMBER");
}

/// What a process still believes of somebody does not carry their request.
#[tokio::test(flavor = "multi_thread")]
async fn rights_are_those_of_the_moment_of_the_change() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("ADMIN", "ACTIVE")).await;
    let eve = join(&service, ada.workspace(), "Eve", ("MEMBER", "ACTIVE")).await;
    bob.get(&path_of(&ada, &eve)).await.expect(200);
    // Behind the service's back: no event tells it.
    let database = service.database().superuser().await.unwrap();
    let demote = "UPDATE tenancy.members SET role = 'MEMBER' WHERE user_id = $1::text::uuid";
    database.execute(demote, &[&bob.user.unwrap().uuid().to_string()]).await.unwrap();
    bob.delete(&path_of(&ada, &eve)).await.expect_problem(403, "access.permission_denied");
    bob.patch(&path_of(&ada, &bob), json!({ "role": "ADMIN" })).await.expect(403);
    ada.get(&path_of(&ada, &eve)).await.expect(200);
}

/// A change that another replica made is felt here within two seconds.
#[tokio::test(flavor = "multi_thread")]
async fn other_processes_hear_of_a_change() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let other = service.replica().await.unwrap();
    let there = |person: &Client| {
        let base = format!("http://{}/", other.public_addr).parse().unwrap();
        Client::anonymous(base).with_token(person.token().unwrap()).in_workspace(person.workspace())
    };
    let bob_there = there(&bob);
    eventually("the other one serves", async || bob_there.get("/api/v1/startups").await.status == 200).await;
    ada.delete(&path_of(&ada, &bob)).await.expect(204);
    let limit = std::time::Duration::from_secs(2);
    witan_testkit::eventually_within(limit, "they are shut out there", async || {
        bob_there.get("/api/v1/startups").await.status == 404
    })
    .await;
}
