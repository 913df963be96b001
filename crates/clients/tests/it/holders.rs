//! What services hold of people, read as it arrives.

use serde_json::json;
use witan_clients::{ClientError, Held};
use witan_ids::UserId;

use crate::world::{Reply, World};

async fn held(reply: Reply) -> Result<Held, ClientError> {
    let world = World::of([reply]).await;
    world.peers.holders[1].held(UserId::generate(&world.clock)).await
}

#[tokio::test]
async fn each_is_asked_for_itself() {
    let world = World::of([Reply::Text("{\"kind\":\"a\"}\n{\"kind\":\"b\"}\n")]).await;
    let user = UserId::generate(&world.clock);
    for (asked, holder) in world.peers.holders.iter().enumerate() {
        let mut held = holder.held(user).await.unwrap();
        assert_eq!(held.next().await.unwrap().unwrap(), "{\"kind\":\"a\"}");
        assert_eq!(held.next().await.unwrap().unwrap(), "{\"kind\":\"b\"}");
        assert_eq!(held.next().await.unwrap(), None);
        let call = &world.asked()[asked];
        assert_eq!(call.line, format!("GET /internal/users/{user}/held HTTP/1.1"));
        assert_eq!(world.caller(call, holder.service()).as_deref(), Some("council"));
    }
}

#[tokio::test]
async fn who_does_not_begin_is_unavailable() {
    for reply in [Reply::Break, Reply::Json(503, json!({"code": "system.unavailable"}))] {
        assert!(matches!(held(reply).await, Err(ClientError::Unavailable { peer: "chat", .. })));
    }
    let refusal = Reply::Json(401, json!({"code": "authentication.service_token_required"}));
    assert!(matches!(held(refusal).await, Err(ClientError::Refused { peer: "chat", .. })));
    let world = World::without_peer().await;
    let user = UserId::generate(&world.clock);
    assert!(matches!(world.peers.holders[0].held(user).await, Err(ClientError::Unavailable { .. })));
}

#[tokio::test]
async fn what_breaks_off_is_no_end() {
    let mut held = held(Reply::BreakOff("{\"a\":1}\n{\"b\":2}\n")).await.unwrap();
    assert!(held.next().await.unwrap().is_some());
    assert!(held.next().await.unwrap().is_some());
    assert!(held.next().await.is_err());
}

#[tokio::test]
async fn what_is_not_told_in_whole_objects_is_not_passed_on() {
    for text in ["{\"a\":1}", "[]\n", "{\"a\":\n", "{}{}\n", "\n"] {
        let mut held = held(Reply::Text(text)).await.unwrap();
        assert!(held.next().await.is_err(), "{text:?}");
    }
    assert!(held(Reply::Text("")).await.unwrap().next().await.unwrap().is_none());
}

#[tokio::test]
async fn silence_has_an_end() {
    let mut stalled = held(Reply::Stall("{\"a\":1}\n")).await.unwrap();
    assert!(stalled.next().await.unwrap().is_some());
    tokio::time::pause();
    assert!(stalled.next().await.is_err());
}
