//! Workspaces that ask their members for a second factor.

use witan_access::{ApiKeyRecord, Scope};
use witan_ids::{ApiKeyId, UserId, WorkspaceId};
use witan_testkit::{Client, TestService, tokens};

use crate::probe::Probe;

const READ: &str = "/api/v1/read";
const REFUSED: &str = "access.second_factor_required";

/// A member who was proved by these methods.
fn member(service: &TestService<Probe>, user: UserId, methods: &[&str]) -> Client {
    let mut claims = tokens::claims("probe", user, None, service.clock());
    claims.amr = methods.iter().map(|method| (*method).to_owned()).collect();
    service.anon().with_token(tokens::sign(&claims)).in_workspace(service.workspace)
}

#[tokio::test]
async fn a_password_alone_opens_nothing_there_and_whatever_it_did_elsewhere() {
    let service = TestService::<Probe>::start().await;
    let (ada, eve) = (UserId::generate(service.clock()), UserId::generate(service.clock()));
    let other = WorkspaceId::generate(service.clock());
    service.peers().admin(ada, service.workspace);
    service.peers().member(ada, other);
    service.peers().require_second_factor(service.workspace);
    for methods in [&["pwd"][..], &["fed"], &["mail"], &["OTP"], &[]] {
        let caller = member(&service, ada, methods);
        caller.get(READ).await.expect_problem(403, REFUSED);
        let manage = format!("/api/v1/workspaces/{}/manage", service.workspace);
        caller.post(&manage, ()).await.expect_problem(403, REFUSED);
        let _ = caller.get("/api/v1/me").await.expect(200);
        let _ = caller.in_workspace(other).get(READ).await.expect(200);
    }
    // Who does not belong there learns nothing of the rule.
    member(&service, eve, &["pwd"]).get(READ).await.expect_problem(404, "access.workspace_not_found");
}

#[tokio::test]
async fn any_second_factor_will_do() {
    let service = TestService::<Probe>::start().await;
    let ada = UserId::generate(service.clock());
    service.peers().member(ada, service.workspace);
    service.peers().require_second_factor(service.workspace);
    for methods in [&["pwd", "otp"][..], &["pwd", "recovery"], &["fed", "passkey"], &["passkey"]] {
        let _ = member(&service, ada, methods).get(READ).await.expect(200);
    }
}

#[tokio::test]
async fn a_persons_key_is_as_good_as_the_proof_it_was_made_with() {
    let service = TestService::<Probe>::start().await;
    let ada = UserId::generate(service.clock());
    service.peers().member(ada, service.workspace);
    service.peers().require_second_factor(service.workspace);
    let now = service.clock().now();
    for (methods, status) in [(vec!["pwd"], 403), (vec!["pwd", "otp"], 200)] {
        let record = ApiKeyRecord {
            key_id: ApiKeyId::generate(service.clock()),
            user_id: ada,
            workspace_id: None,
            default_workspace_id: None,
            scopes: vec![Scope::Read],
            methods: methods.into_iter().map(str::to_owned).collect(),
            created_at: now,
            expires_at: now + chrono::TimeDelta::days(1),
        };
        let key = service.anon().with_api_key(service.peers().api_key(record));
        let _ = key.in_workspace(service.workspace).get(READ).await.expect(status);
    }
    let (own, _) = service.api_key(ada, Some(service.workspace), &[Scope::Read]);
    let _ = own.get(READ).await.expect(200);
}
