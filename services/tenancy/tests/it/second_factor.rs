//! Asking members for a second factor.

use serde_json::json;
use witan_events::contracts::audit::v1::AuditRecorded;
use witan_events::contracts::tenancy::v1::WorkspaceUpdated;
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService, eventually, tokens};

use crate::{join, settle};

const REFUSED: &str = "access.second_factor_required";

/// The same person after they showed a code of their app.
fn proved(service: &TestService<Tenancy>, person: &Client) -> Client {
    let mut claims = tokens::claims("tenancy", person.user.unwrap(), None, service.clock());
    claims.amr.push("otp".to_owned());
    service.anon().with_token(tokens::sign(&claims)).in_workspace(person.workspace())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_makes_the_rule_must_meet_it_and_then_everybody_must() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let path = format!("/api/v1/workspaces/{}", ada.workspace());
    let rule = json!({ "requireSecondFactor": true });
    assert_eq!(ada.get(&path).await.expect(200).json["requireSecondFactor"], false);
    ada.patch(&path, &rule).await.expect_problem(403, REFUSED);
    bob.patch(&path, &rule).await.expect_problem(403, "access.permission_denied");
    proved(&service, &bob).patch(&path, &rule).await.expect_problem(403, "access.permission_denied");
    let _ = bob.get(&path).await.expect(200);

    let safe = proved(&service, &ada);
    assert_eq!(safe.patch(&path, &rule).await.expect(200).json["requireSecondFactor"], true);
    for person in [&ada, &bob] {
        let refused = async || person.get(&path).await.status == 403;
        eventually("the news has come", refused).await;
        person.get(&path).await.expect_problem(403, REFUSED);
        person.get("/api/v1/startups").await.expect_problem(403, REFUSED);
    }
    let _ = proved(&service, &bob).get(&path).await.expect(200);
    ada.patch(&path, json!({ "requireSecondFactor": false })).await.expect_problem(403, REFUSED);

    let _ = safe.patch(&path, json!({ "requireSecondFactor": false })).await.expect(200);
    eventually("the news has come", async || bob.get(&path).await.status == 200).await;
    let _ = ada.patch(&path, json!({ "requireSecondFactor": null })).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rule_is_told_to_every_service_and_to_the_auditors() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let mut events = service.events().await;
    let path = format!("/api/v1/workspaces/{}", ada.workspace());
    let membership = format!("/internal/memberships?userId={}", ada.user.unwrap());
    let before = service.internal("chat").get(&membership).await.expect(200);
    assert_eq!(before.json["secondFactorRequired"], false);
    let safe = proved(&service, &ada);
    let _ = safe.patch(&path, json!({ "requireSecondFactor": true })).await.expect(200);
    let after = service.internal("chat").get(&membership).await.expect(200);
    assert_eq!(after.json["secondFactorRequired"], true);
    let (envelope, updated) = events.next::<WorkspaceUpdated>().await;
    assert_eq!((envelope.workspace_id, updated.require_second_factor), (Some(ada.workspace()), true));
    let (_, entry) = events.next::<AuditRecorded>().await;
    assert_eq!(entry.action, "SECOND_FACTOR_RULE_CHANGED");
    assert_eq!((entry.actor_id, entry.details["required"].as_str()), (ada.user.unwrap().to_string(), "true"));
    assert!(!entry.ip.is_empty());
}
