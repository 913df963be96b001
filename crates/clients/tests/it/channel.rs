//! What every call has: a token for one service, a deadline, a bound, one more try for what changes nothing.

use std::error::Error as _;
use std::time::{Duration, Instant};

use serde_json::json;
use witan_access::{KeySource, Memberships};
use witan_clients::{ClientError, CouncilQuestion, Reserve};
use witan_ids::{StartupId, UserId, WorkspaceId};

use crate::world::{Reply, World};

fn empty_list() -> Reply {
    Reply::Json(200, json!([]))
}

#[tokio::test]
async fn a_token_is_for_the_asked_service_only() {
    let world = World::of([empty_list()]).await;
    world.peers.auth.revocations().await.unwrap();
    let asked = &world.asked()[0];
    assert_eq!(asked.line, "GET /internal/revocations HTTP/1.1");
    assert_eq!(world.caller(asked, "auth").as_deref(), Some("council"));
    assert_eq!(world.caller(asked, "billing"), None);
}

#[tokio::test]
async fn a_question_is_asked_once_more_when_the_connection_breaks() {
    let world = World::of([Reply::Break, empty_list()]).await;
    assert!(world.peers.auth.revocations().await.unwrap().is_empty());
    assert_eq!(world.asked().len(), 2);
}

#[tokio::test]
async fn and_no_more_often_than_that() {
    let world = World::of([Reply::Break]).await;
    let error = world.peers.auth.revocations().await.unwrap_err();
    assert!(matches!(error, ClientError::Unavailable { peer: "auth", .. }), "{error:?}");
    assert_eq!(world.asked().len(), 2);
}

#[tokio::test]
async fn who_says_that_it_is_overloaded_is_not_asked_again() {
    for status in [429, 500, 503] {
        let world = World::of([Reply::Json(status, json!({ "code": "system.overloaded" }))]).await;
        let error = world.peers.auth.revocations().await.unwrap_err();
        assert!(matches!(error, ClientError::Unavailable { .. }), "{error:?}");
        assert!(error.source().unwrap().to_string().contains("system.overloaded"));
        assert_eq!(world.asked().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_command_is_sent_once_whatever_happens() {
    let world = World::of([Reply::Break]).await;
    let workspace = WorkspaceId::generate(&world.clock);
    let error = world.peers.billing.release(workspace, "run_1").await.unwrap_err();
    assert!(matches!(error, ClientError::Unavailable { .. }), "{error:?}");
    assert_eq!(world.asked().len(), 1);
}

#[tokio::test]
async fn a_peer_that_dawdles_is_given_up_after_a_second() {
    let world = World::of([Reply::Hang]).await;
    let begun = Instant::now();
    let error = world.peers.auth.revocations().await.unwrap_err();
    assert!(matches!(error, ClientError::Unavailable { .. }), "{error:?}");
    // Not two seconds: there is no second try once the time is up. Generous, since the machine may be busy.
    assert!(begun.elapsed() >= Duration::from_secs(1) && begun.elapsed() < Duration::from_millis(1900));
    assert_eq!(world.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_answer_is_cut_off() {
    let world = World::of([Reply::Flood]).await;
    let error = world.peers.auth.revocations().await.unwrap_err();
    assert!(matches!(error, ClientError::Unavailable { .. }), "{error:?}");
    assert_eq!(world.asked().len(), 1);
}

#[tokio::test]
async fn what_was_not_agreed_is_malformed() {
    for reply in [Reply::Text("<html>"), Reply::Json(200, json!({ "data": 1 }))] {
        let world = World::of([reply]).await;
        let error = world.peers.auth.revocations().await.unwrap_err();
        assert!(matches!(error, ClientError::Malformed { peer: "auth", .. }), "{error:?}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_none() {
    let world = World::of([Reply::Json(404, json!({ "code": "resource.not_found" }))]).await;
    let (user, workspace) = (UserId::generate(&world.clock), WorkspaceId::generate(&world.clock));
    let startup = StartupId::generate(&world.clock);
    assert_eq!(world.peers.tenancy.find(user, Some(workspace)).await.unwrap(), None);
    assert_eq!(world.peers.tenancy.find(user, None).await.unwrap(), None);
    assert_eq!(world.peers.tenancy.startup(workspace, startup).await.unwrap(), None);
    let lines: Vec<_> = world.asked().into_iter().map(|asked| asked.line).collect();
    assert_eq!(
        lines,
        [
            format!("GET /internal/memberships?userId={user}&workspaceId={workspace} HTTP/1.1"),
            format!("GET /internal/memberships?userId={user} HTTP/1.1"),
            format!("GET /internal/startups/{startup}?workspaceId={workspace} HTTP/1.1"),
        ]
    );
}

#[tokio::test]
async fn a_refusal_keeps_its_code() {
    let world = World::of([Reply::Json(402, json!({ "code": "billing.limit_reached" }))]).await;
    let question = CouncilQuestion {
        workspace_id: WorkspaceId::generate(&world.clock),
        user_id: UserId::generate(&world.clock),
        agent: "finance".to_owned(),
        prompt: "Is it sound?".to_owned(),
        context: None,
    };
    let error = world.peers.council.run(&question).await.unwrap_err();
    let ClientError::Refused { status, code, .. } = error else { panic!("{error:?}") };
    assert_eq!((status.as_u16(), code.as_str()), (402, "billing.limit_reached"));
    assert_eq!(world.asked()[0].body["agent"], "finance");
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_no_keys() {
    let world = World::of([Reply::Json(200, json!({ "keys": "none" }))]).await;
    assert!(world.peers.auth.jwks().await.is_err());
}

#[tokio::test]
async fn a_wish_says_what_it_is_for() {
    let world = World::of([Reply::Json(200, json!({ "outcome": "RESERVED" }))]).await;
    let workspace = WorkspaceId::generate(&world.clock);
    let wish = Reserve {
        workspace_id: workspace,
        metric: "runs".to_owned(),
        amount: 1,
        reference: "run_1".to_owned(),
    };
    world.peers.billing.reserve(&wish).await.unwrap();
    let asked = &world.asked()[0];
    assert_eq!(asked.line, "POST /internal/reservations HTTP/1.1");
    let body = json!({ "workspaceId": workspace, "metric": "runs", "amount": 1, "reference": "run_1" });
    assert_eq!(asked.body, body);
}
