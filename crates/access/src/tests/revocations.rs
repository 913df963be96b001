use std::time::Duration;

use witan_ids::SessionId;

use super::{World, sign};
use crate::Denial;

#[tokio::test]
async fn a_revoked_session_is_refused_at_once_though_its_token_was_verified() {
    let world = World::new();
    let claims = world.claims();
    let token = sign(&claims);
    world.verifier.verify(&token).await.unwrap();
    let until = world.clock.now() + Duration::from_secs(900);
    world.verifier.revocations().revoke(claims.sid, until);
    assert_eq!(world.denial(&token).await, Denial::Revoked);
}

#[tokio::test]
async fn a_snapshot_adds_and_never_takes_back() {
    let world = World::new();
    let revocations = world.verifier.revocations();
    let (by_event, by_snapshot) = (SessionId::generate(&world.clock), SessionId::generate(&world.clock));
    let until = world.clock.now() + Duration::from_secs(900);
    revocations.revoke(by_event, until);
    revocations.replace_all([(by_snapshot, until)]);
    assert!(revocations.is_revoked(by_event) && revocations.is_revoked(by_snapshot));
    revocations.replace_all([(by_event, until - Duration::from_secs(600))]);
    world.time.advance(Duration::from_secs(500));
    revocations.replace_all([]);
    assert!(revocations.is_revoked(by_event));
}

#[tokio::test]
async fn the_list_forgets_sessions_whose_tokens_have_all_expired() {
    let world = World::new();
    let revocations = world.verifier.revocations();
    let until = world.clock.now() + Duration::from_secs(900);
    for _ in 0..100 {
        revocations.revoke(SessionId::generate(&world.clock), until);
    }
    assert_eq!(revocations.len(), 100);
    world.time.advance(Duration::from_secs(901));
    revocations.replace_all([]);
    assert!(revocations.is_empty());
}
