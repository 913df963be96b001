//! Entitlements in memory: fresh for seconds, dropped by an event, the last known one while billing is away.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use witan_clients::{Reserve, Reserved};
use witan_clock::ManualClock;
use witan_ids::WorkspaceId;

use crate::world::{Reply, World};

fn now() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn entitled(used: i64) -> Value {
    let resets_at = "2026-12-01T00:00:00Z";
    let limits = json!([
        { "metric": "runs", "limit": 20, "used": used, "resetsAt": resets_at },
        { "metric": "deliveries", "limit": null, "used": 5, "resetsAt": resets_at },
    ]);
    json!({ "plan": "free", "limits": limits, "features": ["council"] })
}

async fn world(replies: impl IntoIterator<Item = Reply>) -> (World, ManualClock, WorkspaceId) {
    let manual = ManualClock::at(now());
    let world = World::at(replies, manual.clock()).await;
    let workspace = WorkspaceId::generate(&world.clock);
    (world, manual, workspace)
}

fn wish(workspace_id: WorkspaceId) -> Reserve {
    Reserve { workspace_id, metric: "runs".to_owned(), amount: 1, reference: "run_1".to_owned() }
}

#[tokio::test]
async fn what_fits_is_allowed_and_what_does_not_says_why() {
    let (world, _, workspace) = world([Reply::Json(200, entitled(19))]).await;
    let billing = &world.peers.billing;
    assert_eq!(billing.check(workspace, "runs", 1).await, Ok(()));
    let reached = billing.check(workspace, "runs", 2).await.unwrap_err();
    assert_eq!(
        reached.to_string(),
        "the plan 'free' allows 20 runs until 2026-12-01T00:00:00Z, and 19 are used or under way"
    );
    assert_eq!(billing.check(workspace, "deliveries", i64::MAX).await, Ok(()), "it has no limit");
    assert_eq!(billing.check(workspace, "unheardOf", 1).await, Ok(()), "the plan does not name it");
    assert!(billing.check(workspace, "runs", i64::MAX).await.is_err(), "no sum may overflow");
}

#[tokio::test]
async fn an_entitlement_is_asked_for_once_until_an_event_drops_it() {
    let (world, _, workspace) = world([Reply::Json(200, entitled(0)), Reply::Json(200, entitled(20))]).await;
    let billing = &world.peers.billing;
    for _ in 0..3 {
        assert_eq!(billing.check(workspace, "runs", 1).await, Ok(()));
    }
    assert_eq!(world.asked().len(), 1);
    billing.forget(workspace).await;
    assert!(billing.check(workspace, "runs", 1).await.is_err());
    assert_eq!(world.asked().len(), 2);
}

#[tokio::test]
async fn the_last_known_answer_holds_while_billing_is_away() {
    let (world, _, workspace) = world([Reply::Json(200, entitled(20)), Reply::Json(503, json!({}))]).await;
    let billing = &world.peers.billing;
    assert!(billing.check(workspace, "runs", 1).await.is_err());
    billing.forget(workspace).await;
    let reached = billing.check(workspace, "runs", 1).await.unwrap_err();
    assert_eq!(reached.used, 20);
    assert_eq!(world.asked().len(), 2, "billing was asked before the old answer was believed");
}

#[tokio::test]
async fn a_new_month_is_not_refused_for_the_old_one() {
    let (world, manual, workspace) =
        world([Reply::Json(200, entitled(20)), Reply::Json(503, json!({}))]).await;
    let billing = &world.peers.billing;
    assert!(billing.check(workspace, "runs", 1).await.is_err());
    manual.set(now() + TimeDelta::days(11));
    billing.forget(workspace).await;
    assert_eq!(billing.check(workspace, "runs", 1).await, Ok(()));
}

#[tokio::test]
async fn a_wish_is_granted_or_refused_with_the_limit() {
    let limit = json!({ "outcome": "LIMIT_REACHED", "metric": "runs", "limit": 20, "used": 20,
                        "resetsAt": "2026-12-01T00:00:00Z", "plan": "free" });
    let replies = [Reply::Json(200, json!({ "outcome": "RESERVED" })), Reply::Json(200, limit)];
    let (world, _, workspace) = world(replies).await;
    assert_eq!(world.peers.billing.reserve(&wish(workspace)).await, Ok(Reserved::Yes));
    let reached = world.peers.billing.reserve(&wish(workspace)).await.unwrap_err();
    assert_eq!((reached.limit, reached.used, reached.plan.as_str()), (20, 20, "free"));
}
