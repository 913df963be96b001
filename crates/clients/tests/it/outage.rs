//! "The other one is down", for each call: what the README promises.

use witan_access::{KeySource, Memberships};
use witan_clients::{ClientError, CouncilQuestion, Reserve, Reserved};
use witan_ids::{StartupId, UserId, WorkspaceId};

use crate::world::World;

#[tokio::test]
async fn without_auth_the_caller_is_told() {
    let world = World::without_peer().await;
    assert!(world.peers.auth.jwks().await.is_err());
    let error = world.peers.auth.revocations().await.unwrap_err();
    assert!(matches!(error, ClientError::Unavailable { peer: "auth", .. }), "{error:?}");
}

#[tokio::test]
async fn without_tenancy_nobody_is_let_in() {
    let world = World::without_peer().await;
    let (user, workspace) = (UserId::generate(&world.clock), WorkspaceId::generate(&world.clock));
    assert!(world.peers.tenancy.find(user, Some(workspace)).await.is_err(), "an outage is not an answer");
    let startup = StartupId::generate(&world.clock);
    assert!(world.peers.tenancy.startup(workspace, startup).await.is_err());
}

#[tokio::test]
async fn without_billing_work_goes_on_and_is_counted_by_its_event() {
    let world = World::without_peer().await;
    let workspace = WorkspaceId::generate(&world.clock);
    let billing = &world.peers.billing;
    assert_eq!(billing.check(workspace, "runs", 1).await, Ok(()), "nothing is known, so nothing is limited");
    let wish = Reserve {
        workspace_id: workspace,
        metric: "runs".to_owned(),
        amount: 1,
        reference: "run_1".to_owned(),
    };
    assert_eq!(billing.reserve(&wish).await, Ok(Reserved::Unrecorded));
    assert!(billing.release(workspace, "run_1").await.is_err());
    assert!(billing.entitlements(workspace).await.is_err());
}

#[tokio::test]
async fn without_the_council_the_question_fails() {
    let world = World::without_peer().await;
    let question = CouncilQuestion {
        workspace_id: WorkspaceId::generate(&world.clock),
        user_id: UserId::generate(&world.clock),
        agent: "finance".to_owned(),
        prompt: "Is it sound?".to_owned(),
        context: None,
    };
    let error = world.peers.council.run(&question).await.unwrap_err();
    assert!(matches!(error, ClientError::Unavailable { peer: "council", .. }), "{error:?}");
}
