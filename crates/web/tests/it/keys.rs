//! API keys wherever a token is taken: they pass what their owner's role allows, and their scopes besides.

use reqwest::Method;
use witan_access::Scope;
use witan_ids::{UserId, WorkspaceId};
use witan_testkit::{TestService, tokens};

use crate::probe::Probe;

const ME: &str = "/api/v1/me";
const ASK: &str = "/api/v1/ask";
const READ: &str = "/api/v1/read";

#[tokio::test]
async fn a_persons_key_does_what_they_may_within_its_scopes() {
    let service = TestService::<Probe>::start().await;
    let user = UserId::generate(service.clock());
    service.peers().member(user, service.workspace);
    let (key, _) = service.api_key(user, None, &[Scope::Read]);
    let key = key.in_workspace(service.workspace);
    assert_eq!(key.get(READ).await.expect(200).text_at("/role"), "MEMBER");
    let answer = key.post("/api/v1/make", ()).await.expect_problem(403, "access.scope_missing");
    assert_eq!(answer.text_at("/detail"), "It needs the scope write or sessions.");
    // The scope is there, and the role is not.
    let (key, _) = service.api_key(user, None, &[Scope::Admin]);
    let path = format!("/api/v1/workspaces/{}/manage", service.workspace);
    key.post(&path, ()).await.expect_problem(403, "access.permission_denied");
}

#[tokio::test]
async fn what_needs_no_workspace_takes_keys_only_where_the_table_says_so() {
    let service = TestService::<Probe>::start().await;
    let user = UserId::generate(service.clock());
    let (key, _) = service.api_key(user, None, &[Scope::Read]);
    let _ = key.get(ME).await.expect(200);
    key.post(ASK, ()).await.expect_problem(403, "access.session_required");
    let (key, _) = service.api_key(user, None, &[Scope::Write]);
    key.get(ME).await.expect_problem(403, "access.scope_missing");
    let (key, _) = service.api_key(user, Some(service.workspace), &[Scope::Read]);
    key.get(ME).await.expect_problem(403, "access.scope_missing");
}

#[tokio::test]
async fn a_workspaces_key_works_there_and_nowhere_else() {
    let service = TestService::<Probe>::start().await;
    let own = WorkspaceId::generate(service.clock());
    let identity = UserId::generate(service.clock());
    let (key, _) = service.api_key(identity, Some(own), &[Scope::Read, Scope::Admin]);
    // It selects by itself, and nobody is asked whether it belongs there.
    let answer = key.get(READ).await.expect(200);
    assert_eq!((answer.text_at("/workspaceId"), answer.text_at("/role")), (own.to_string(), "ADMIN".into()));
    let _ = key.post(&format!("/api/v1/workspaces/{own}/manage"), ()).await.expect(200);
    assert!(service.peers().asked().iter().all(|asked| !asked.request.contains("memberships")));
    let elsewhere = key.clone().in_workspace(service.workspace);
    elsewhere.get(READ).await.expect_problem(404, "access.workspace_not_found");
    let path = format!("/api/v1/workspaces/{}/manage", service.workspace);
    key.post(&path, ()).await.expect_problem(404, "access.workspace_not_found");
}

#[tokio::test]
async fn a_key_that_does_not_hold_is_401() {
    let service = TestService::<Probe>::start().await;
    let user = UserId::generate(service.clock());
    let (unknown, id) = service.api_key(user, None, &[Scope::Read]);
    service.peers().forget_api_key(id);
    for key in [unknown, service.anon().with_api_key("wk_"), service.anon().with_api_key("")] {
        let answer = key.get(ME).await.expect_problem(401, "access.api_key_invalid");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
    let (revoked, id) = service.api_key(user, None, &[Scope::Read]);
    let _ = revoked.get(ME).await.expect(200);
    service.running().context().access.api_keys.revoke(id);
    revoked.get(ME).await.expect_problem(401, "access.api_key_invalid");
}

#[tokio::test]
async fn a_key_never_does_what_takes_a_person() {
    let service = TestService::<Probe>::start().await;
    let scopes = Scope::ALL;
    let (key, _) = service.api_key(UserId::generate(service.clock()), None, &scopes);
    key.post("/api/v1/danger", ()).await.expect_problem(403, "access.session_required");
    key.get("/api/v1/installation").await.expect_problem(403, "access.session_required");
}

#[tokio::test]
async fn a_key_and_a_token_are_one_credential_too_many() {
    let service = TestService::<Probe>::start().await;
    let user = UserId::generate(service.clock());
    let (key, _) = service.api_key(user, None, &[Scope::Read]);
    let both = key.request(Method::GET, ME).bearer_auth("x");
    key.send(both).await.expect_problem(400, "access.credentials_mixed");
    let twice = key.request(Method::GET, ME).header("X-API-Key", "wk_other");
    key.send(twice).await.expect_problem(400, "request.header_invalid");
    let claims = tokens::claims("probe", user, None, service.clock());
    let cookie = format!("__Host-witan_access={}", tokens::sign(&claims));
    let both = key.request(Method::GET, ME).header("cookie", cookie);
    key.send(both).await.expect_problem(400, "access.credentials_mixed");
}

#[tokio::test]
async fn while_nobody_knows_keys_they_are_503_and_not_401() {
    let service = TestService::<Probe>::start().await;
    let (key, _) = service.api_key(UserId::generate(service.clock()), None, &[Scope::Read]);
    service.peers().set_away(true);
    key.get(ME).await.expect_problem(503, "dependency.unavailable");
    service.peers().set_away(false);
    let _ = key.get(ME).await.expect(200);
}
