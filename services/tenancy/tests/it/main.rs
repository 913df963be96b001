//! Tenancy through its API, on real servers.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod adding;
mod admin;
mod closed;
mod deletion;
mod dns;
mod domains;
mod erasure;
mod export;
mod faults;
mod feature_flags;
mod first_workspace;
mod interleaved;
mod invitation_mails;
mod invitations;
mod invited;
mod isolation;
mod join_link;
mod keys;
mod last_admin;
mod member_changes;
mod member_pages;
mod members;
mod memberships;
mod outside;
mod people;
mod projects;
mod roles;
mod second_factor;
mod startups;
mod workspace_export;
mod workspaces;

use serde_json::json;
use witan_events::contracts::audit::v1::AuditRecorded;
use witan_events::contracts::auth::v1::UserVerified;
use witan_ids::{UserId, WorkspaceId};
use witan_tenancy::Tenancy;
use witan_testkit::{Client, Published, TestService, eventually};

/// A person who has just verified their address, with the workspace that made them its ADMIN.
pub(crate) async fn settle(service: &TestService<Tenancy>, name: &str) -> Client {
    let user = UserId::generate(service.clock());
    let event = UserVerified {
        user_id: user.to_string(),
        email: format!("{}@example.org", name.to_lowercase()),
        name: name.to_owned(),
    };
    service.tell(None, &event.user_id.clone(), &event).await;
    let person = service.person(user, None);
    let workspace: WorkspaceId = eventually("a first workspace", async || {
        let page = person.get("/api/v1/workspaces").await.expect(200);
        page.json["data"][0]["id"].as_str().map(|id| id.parse().unwrap())
    })
    .await;
    person.in_workspace(workspace)
}

/// Somebody else in the workspace, as an invitation would have let them in.
pub(crate) async fn join(
    service: &TestService<Tenancy>,
    workspace: WorkspaceId,
    name: &str,
    (role, status): (&str, &str),
) -> Client {
    let user = UserId::generate(service.clock());
    let (id, place) = (user.uuid().to_string(), workspace.uuid().to_string());
    let database = service.database().superuser().await.unwrap();
    let email = format!("{}@example.org", name.to_lowercase());
    let person = "INSERT INTO tenancy.people VALUES ($1::text::uuid, $2, $3, now())";
    database.execute(person, &[&id, &email, &name]).await.unwrap();
    let member = "INSERT INTO tenancy.members VALUES ($1::text::uuid, $2::text::uuid, $3, $4, now(), now())";
    database.execute(member, &[&place, &id, &role, &status]).await.unwrap();
    service.person(user, None).in_workspace(workspace)
}

/// A start-up of this person's workspace; its id.
pub(crate) async fn describe(person: &Client, name: &str) -> String {
    person.post("/api/v1/startups", json!({ "name": name })).await.expect(201).text_at("/id")
}

/// Lets the other into another workspace of the first one's, so that they know each other.
pub(crate) async fn acquaint(service: &TestService<Tenancy>, one: &Client, other: &Client) {
    let shared = json!({ "name": "Shared" });
    let made = one.clone().in_no_workspace().post("/api/v1/workspaces", shared).await.expect(201);
    let place: WorkspaceId = made.text_at("/id").parse().unwrap();
    let member = "INSERT INTO tenancy.members VALUES ($1::text::uuid, $2::text::uuid, 'MEMBER', 'ACTIVE', now(), now())";
    let ids = [place.uuid().to_string(), other.user.unwrap().uuid().to_string()];
    let database = service.database().superuser().await.unwrap();
    let _ = database.execute(member, &[&ids[0], &ids[1]]).await.unwrap();
}

/// What auditors are told of this action; what was done before may be told late.
pub(crate) async fn audited(events: &mut Published, action: &str) -> AuditRecorded {
    loop {
        let (_, entry) = events.next::<AuditRecorded>().await;
        if entry.action == action {
            return entry;
        }
    }
}
