//! What takes a fresh proof, or whoever runs the installation; and that neither is decided by stale state.

use std::time::Duration;

use witan_ids::UserId;
use witan_testkit::{TestService, eventually, tokens};

use crate::probe::{self, Probe};

const DANGER: &str = "/api/v1/danger";
const INSTALLATION: &str = "/api/v1/installation";

#[tokio::test]
async fn a_proof_of_ten_minutes_ago_is_asked_for_again() {
    let service = TestService::<Probe>::start().await;
    let mut claims = tokens::claims("probe", UserId::generate(service.clock()), None, service.clock());
    let person = service.anon().with_token(tokens::sign(&claims));
    let _ = person.post(DANGER, ()).await.expect(204);
    claims.auth_time -= 601;
    let person = service.anon().with_token(tokens::sign(&claims));
    let answer = person.post(DANGER, ()).await.expect_problem(403, "access.step_up_required");
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.contains("error=\"insufficient_user_authentication\"")
            && challenge.contains("max_age=\"600\"")
    );
    let _ = person.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn the_installation_is_run_by_platform_admins() {
    let service = TestService::<Probe>::start().await;
    let _ = service.platform_admin().get(INSTALLATION).await.expect(204);
    service.admin().get(INSTALLATION).await.expect_problem(403, "access.permission_denied");
    service.anon().get(INSTALLATION).await.expect_problem(401, "access.token_missing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_state_is_stale_administrators_are_asked_to_wait_and_others_go_on() {
    let (service, _) = probe::start_with(|builder| {
        builder.env("WITAN_STATE_STALE_AFTER", "1s").env("AMQP_URL", "amqp://127.0.0.1:9")
    })
    .await;
    let (admin, member, platform) = (service.admin(), service.member(), service.platform_admin());
    let manage = format!("/api/v1/workspaces/{}/manage", service.workspace);
    // The broker is away, and auth says what was revoked.
    let _ = admin.post(&manage, ()).await.expect(200);
    let _ = member.get("/api/v1/read").await.expect(200);
    service.peers().answer("GET", "/internal/revocations", 503, serde_json::json!({}));
    eventually("the state is stale", async || admin.post(&manage, ()).await.status == 503).await;
    let answer = admin.post(&manage, ()).await.expect_problem(503, "access.state_stale");
    assert_eq!(answer.header("retry-after"), "5");
    platform.get(INSTALLATION).await.expect_problem(503, "access.state_stale");
    admin.post(DANGER, ()).await.expect_problem(503, "access.state_stale");
    let _ = member.get("/api/v1/read").await.expect(200);
    service.peers().answer("GET", "/internal/revocations", 200, serde_json::json!([]));
    let fresh = async || admin.post(&manage, ()).await.status == 200;
    witan_testkit::eventually_within(Duration::from_secs(10), "it is fresh again", fresh).await;
}
