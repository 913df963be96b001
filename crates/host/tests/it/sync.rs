//! Invariant 5: what is decided in memory follows events within two seconds.

use std::time::Duration;

use witan_access::{Claims, Scope, permission};
use witan_events::contracts::auth::v1::{ApiKeyRevoked, ApiKeysChanged, SessionRevoked};
use witan_events::contracts::tenancy::v1::{
    MemberRemoved, RoleUpdated, WorkspaceDeleted, WorkspaceDeletionRequested, WorkspaceRestored,
    WorkspaceUpdated,
};
use witan_ids::UserId;
use witan_testkit::{Client, TestService, eventually, eventually_within, tokens};

use crate::tiny::Tiny;

const LIMIT: Duration = Duration::from_secs(2);

fn person(service: &TestService<Tiny>) -> (Client, Claims) {
    let claims = tokens::claims("tiny", UserId::generate(service.clock()), None, service.clock());
    (service.anon().with_token(tokens::sign(&claims)), claims)
}

/// It has asked auth for what it cannot hear.
async fn asking(service: &TestService<Tiny>) {
    let asked =
        async || service.peers().asked().iter().any(|asked| asked.request.ends_with("/internal/revocations"));
    eventually("it asks", asked).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tokens_of_a_session_that_was_ended_elsewhere_are_refused() {
    let service = TestService::<Tiny>::start().await;
    let ((ended, claims), (other, _)) = (person(&service), person(&service));
    ended.get("/api/v1/mine").await.expect(200);
    let event = SessionRevoked {
        session_id: claims.sid.to_string(),
        user_id: claims.sub.to_string(),
        reason: "logout".to_owned(),
        access_expires_at: Some((service.clock().now() + Duration::from_secs(900)).into()),
    };
    service.tell(None, &claims.sid.to_string(), &event).await;
    eventually_within(LIMIT, "it is refused", async || ended.get("/api/v1/mine").await.status == 401).await;
    other.get("/api/v1/mine").await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_that_was_missed_is_learned_after_the_connection_returned() {
    let service = TestService::<Tiny>::start().await;
    let (ended, claims) = person(&service);
    ended.get("/api/v1/mine").await.expect(200);
    service.peers().revoke(claims.sid);
    let cut = async || service.broker().cut_connections().await.unwrap() > 1;
    eventually("both connections were cut", cut).await;
    eventually("it is refused", async || ended.get("/api/v1/mine").await.status == 401).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_who_was_removed_is_shut_out() {
    let service = TestService::<Tiny>::start().await;
    let user = UserId::generate(service.clock());
    service.peers().member(user, service.workspace);
    service.listening().await;
    let member = service.person(user, None).in_workspace(service.workspace);
    member.get("/api/v1/ours").await.expect(200);
    service.peers().leave(user, service.workspace);
    member.get("/api/v1/ours").await.expect(200);
    let event = MemberRemoved {
        workspace_id: service.workspace.to_string(),
        user_id: user.to_string(),
        role: "MEMBER".to_owned(),
        status: "REMOVED".to_owned(),
    };
    service.tell(Some(service.workspace), &user.to_string(), &event).await;
    eventually_within(LIMIT, "they are shut out", async || member.get("/api/v1/ours").await.status == 404)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_that_begins_to_ask_for_second_factors_is_closed_to_passwords_alone() {
    let service = TestService::<Tiny>::start().await;
    let user = UserId::generate(service.clock());
    service.peers().member(user, service.workspace);
    service.listening().await;
    let member = service.person(user, None).in_workspace(service.workspace);
    member.get("/api/v1/ours").await.expect(200);
    service.peers().require_second_factor(service.workspace);
    member.get("/api/v1/ours").await.expect(200);
    let event = WorkspaceUpdated {
        workspace_id: service.workspace.to_string(),
        name: "Ours".to_owned(),
        require_second_factor: true,
    };
    service.tell(Some(service.workspace), &event.workspace_id.clone(), &event).await;
    eventually_within(LIMIT, "it is closed", async || member.get("/api/v1/ours").await.status == 403).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_role_of_a_workspace_allows_holds_from_the_moment_it_changes() {
    let service = TestService::<Tiny>::start().await;
    let user = UserId::generate(service.clock());
    let role = "rol_01k0cabmfgek0v7s0c0x0k4m3e";
    service.peers().join(user, service.workspace, role, permission::MEMBER);
    service.listening().await;
    let member = service.person(user, None).in_workspace(service.workspace);
    member.get("/api/v1/ours").await.expect(200);
    service.peers().join(user, service.workspace, role, &[]);
    member.get("/api/v1/ours").await.expect(200);
    let event = RoleUpdated {
        workspace_id: service.workspace.to_string(),
        role_id: role.to_owned(),
        name: "Editor".to_owned(),
        permissions: Vec::new(),
    };
    service.tell(Some(service.workspace), &event.workspace_id.clone(), &event).await;
    eventually_within(LIMIT, "it allows no more", async || member.get("/api/v1/ours").await.status == 403)
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workspace_that_will_be_deleted_is_closed_until_it_is_restored() {
    let service = TestService::<Tiny>::start().await;
    let user = UserId::generate(service.clock());
    service.peers().member(user, service.workspace);
    service.listening().await;
    let member = service.person(user, None).in_workspace(service.workspace);
    member.get("/api/v1/ours").await.expect(200);
    service.peers().await_deletion(service.workspace, true);
    member.get("/api/v1/ours").await.expect(200);
    let id = service.workspace.to_string();
    let event = WorkspaceDeletionRequested { workspace_id: id.clone(), due_at: None };
    service.tell(Some(service.workspace), &id, &event).await;
    eventually_within(LIMIT, "it is closed", async || member.get("/api/v1/ours").await.status == 403).await;
    member.get("/api/v1/ours").await.expect_problem(403, "access.workspace_deletion_pending");
    service.peers().await_deletion(service.workspace, false);
    service.tell(Some(service.workspace), &id, &WorkspaceRestored { workspace_id: id.clone() }).await;
    eventually_within(LIMIT, "it is open", async || member.get("/api/v1/ours").await.status == 200).await;
    service.peers().leave(user, service.workspace);
    service.tell(Some(service.workspace), &id, &WorkspaceDeleted { workspace_id: id.clone() }).await;
    eventually_within(LIMIT, "it is gone", async || member.get("/api/v1/ours").await.status == 404).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keys_of_a_workspace_that_was_closed_are_refused() {
    let service = TestService::<Tiny>::start().await;
    let identity = UserId::generate(service.clock());
    let (program, id) = service.api_key(identity, Some(service.workspace), &[Scope::Read]);
    service.listening().await;
    program.get("/api/v1/ours").await.expect(200);
    service.peers().forget_api_key(id);
    program.get("/api/v1/ours").await.expect(200);
    let event = ApiKeysChanged { workspace_id: service.workspace.to_string() };
    service.tell(None, &event.workspace_id.clone(), &event).await;
    let refused = async || program.get("/api/v1/ours").await.status == 401;
    eventually_within(LIMIT, "they are refused", refused).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_api_key_that_was_revoked_elsewhere_is_refused() {
    let service = TestService::<Tiny>::start().await;
    let identity = UserId::generate(service.clock());
    let (program, id) = service.api_key(identity, Some(service.workspace), &[Scope::Read]);
    let (other, _) = service.api_key(identity, Some(service.workspace), &[Scope::Read]);
    service.listening().await;
    program.get("/api/v1/ours").await.expect(200);
    service.peers().forget_api_key(id);
    program.get("/api/v1/ours").await.expect(200);
    let event = ApiKeyRevoked {
        key_id: id.to_string(),
        user_id: identity.to_string(),
        workspace_id: service.workspace.to_string(),
        reason: "revoked".to_owned(),
    };
    service.tell(None, &id.to_string(), &event).await;
    let refused = async || program.get("/api/v1/ours").await.status == 401;
    eventually_within(LIMIT, "it is refused", refused).await;
    other.get("/api/v1/ours").await.expect(200);
}

/// A service that has no broker at all.
async fn alone() -> TestService<Tiny> {
    let service =
        TestService::<Tiny>::start_with(|builder| builder.env("AMQP_URL", "amqp://127.0.0.1:9")).await;
    asking(&service).await;
    service
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_broker_is_away_a_revocation_is_seen_as_soon() {
    let service = alone().await;
    let (ended, claims) = person(&service);
    ended.get("/api/v1/mine").await.expect(200);
    service.peers().revoke(claims.sid);
    eventually_within(LIMIT, "it is refused", async || ended.get("/api/v1/mine").await.status == 401).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_broker_is_away_keys_and_members_are_not_believed_for_long() {
    let service = alone().await;
    let user = UserId::generate(service.clock());
    service.peers().member(user, service.workspace);
    let member = service.person(user, None).in_workspace(service.workspace);
    let (program, id) = service.api_key(user, Some(service.workspace), &[Scope::Read]);
    member.get("/api/v1/ours").await.expect(200);
    program.get("/api/v1/ours").await.expect(200);
    service.peers().leave(user, service.workspace);
    service.peers().forget_api_key(id);
    let out = async || member.get("/api/v1/ours").await.status == 404;
    eventually_within(LIMIT, "the member is shut out", out).await;
    let out = async || program.get("/api/v1/ours").await.status == 401;
    eventually_within(LIMIT, "the key is refused", out).await;
}
