//! Plans, and who has which.

use serde_json::json;
use witan_events::contracts::billing::v1::SubscriptionUpdated;

use crate::billing;

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_the_plans_the_first_being_the_default() {
    let service = billing().await;
    let plans = service.anon().get("/api/v1/plans").await.expect(200);
    assert_eq!((plans.text_at("/data/0/key"), plans.text_at("/data/1/key")), ("free".into(), "pro".into()));
    let own = service.member().get("/api/v1/subscription").await.expect(200);
    assert_eq!(own.text_at("/plan/key"), "free");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_plan_has_other_limits_and_is_told() {
    let service = billing().await;
    let admin = service.admin();
    let mut events = service.events().await;
    let operator = service.internal("operator");
    let path = format!("/internal/subscriptions/{}", admin.workspace());
    operator.put(&path, json!({ "plan": "gold" })).await.expect_problem(422, "validation.failed");
    operator.put(&path, json!({ "plan": "pro" })).await.expect(200);
    assert_eq!(admin.get("/api/v1/usage").await.expect(200).text_at("/plan"), "pro");
    let (_, updated) = events.next::<SubscriptionUpdated>().await;
    assert_eq!(updated.plan, "pro");
    let entitlements =
        operator.get(&format!("/internal/entitlements/{}", admin.workspace())).await.expect(200);
    assert_eq!(entitlements.json["limits"][0]["limit"], 5);
    assert_eq!(entitlements.json["features"], json!(["more"]));
}
