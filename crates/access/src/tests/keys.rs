use std::sync::atomic::Ordering;
use std::time::Duration;

use jsonwebtoken::Header;

use super::{KEY, OTHER_KEY, World, header, jwk, sign};
use crate::{AccessError, Denial};

#[tokio::test]
async fn keys_are_fetched_once_for_many_callers() {
    let world = World::new();
    let token = sign(&world.claims());
    let calls = (0..50).map(|_| world.verifier.verify(&token));
    for outcome in futures_util::future::join_all(calls).await {
        outcome.unwrap();
    }
    assert_eq!(world.keys.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn unknown_key_ids_do_not_hammer_the_source() {
    let world = World::new();
    world.verifier.verify(&sign(&world.claims())).await.unwrap();
    for number in 0..100 {
        let unknown = Header { kid: Some(format!("made-up-{number}")), ..header() };
        let token = jsonwebtoken::encode(&unknown, &world.claims(), &OTHER_KEY).unwrap();
        assert_eq!(world.denial(&token).await, Denial::UnknownKey);
    }
    assert_eq!(world.keys.asked(), 1);
    tokio::time::advance(Duration::from_secs(11)).await;
    let unknown = Header { kid: Some("made-up".to_owned()), ..header() };
    let token = jsonwebtoken::encode(&unknown, &world.claims(), &OTHER_KEY).unwrap();
    assert_eq!(world.denial(&token).await, Denial::UnknownKey);
    assert_eq!(world.keys.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_forgotten_are_fetched_at_once() {
    let world = World::new();
    let token = sign(&world.claims());
    world.verifier.verify(&token).await.unwrap();
    world.verifier.forget_keys();
    world.verifier.verify(&token).await.unwrap();
    assert_eq!(world.keys.asked(), 2, "also for a token that was verified before");
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_found_when_it_is_first_seen() {
    let world = World::new();
    world.verifier.verify(&sign(&world.claims())).await.unwrap();
    world.keys.set(vec![jwk(&KEY, "k1"), jwk(&OTHER_KEY, "k2")]);
    tokio::time::advance(Duration::from_secs(11)).await;
    let next = Header { kid: Some("k2".to_owned()), ..header() };
    let token = jsonwebtoken::encode(&next, &world.claims(), &OTHER_KEY).unwrap();
    world.verifier.verify(&token).await.unwrap();
    assert_eq!(world.keys.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn known_keys_outlive_their_source() {
    let world = World::new();
    world.verifier.verify(&sign(&world.claims())).await.unwrap();
    world.keys.away.store(true, Ordering::SeqCst);
    tokio::time::advance(Duration::from_secs(3600)).await;
    world.verifier.verify(&sign(&world.claims())).await.unwrap();
    // Those who come next do not even ask.
    let asked = world.keys.asked();
    world.verifier.verify(&sign(&world.claims())).await.unwrap();
    assert_eq!(world.keys.asked(), asked);
}

#[tokio::test(start_paused = true)]
async fn without_keys_nobody_is_let_in_and_nobody_is_called_a_liar() {
    let world = World::new();
    world.keys.away.store(true, Ordering::SeqCst);
    let token = sign(&world.claims());
    for _ in 0..3 {
        let refused = world.verifier.verify(&token).await.unwrap_err();
        assert!(matches!(refused, AccessError::Unavailable { .. }), "{refused}");
    }
    assert_eq!(world.keys.asked(), 1);
    world.keys.away.store(false, Ordering::SeqCst);
    tokio::time::advance(Duration::from_secs(1)).await;
    world.verifier.verify(&token).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_a_withdrawn_key_signed_is_refused_though_it_was_verified_before() {
    let world = World::new();
    let token = sign(&world.claims());
    world.verifier.verify(&token).await.unwrap();
    world.keys.set(vec![jwk(&OTHER_KEY, "k2")]);
    tokio::time::advance(Duration::from_secs(301)).await;
    let next = Header { kid: Some("k2".to_owned()), ..header() };
    let other = jsonwebtoken::encode(&next, &world.claims(), &OTHER_KEY).unwrap();
    world.verifier.verify(&other).await.unwrap();
    assert_eq!(world.denial(&token).await, Denial::UnknownKey);
}
