use std::time::Duration;

use secrecy::SecretString;
use witan_config::{Env, Reader};

use super::{World, sign};
use crate::service_token::{mint, verify};
use crate::{Denial, InternalKey};

fn key(text: &str) -> InternalKey {
    InternalKey::new(&SecretString::from(text))
}

#[test]
fn a_service_is_known_by_its_token_for_a_minute() {
    let world = World::new();
    let key = key("a key of thirty-two bytes, or more");
    let token = mint(&key, "chat", "council", &world.clock);
    assert_eq!(verify(&key, &token, "council", &world.clock).as_deref(), Ok("chat"));
    assert_eq!(verify(&key, &token, "billing", &world.clock), Err(Denial::Audience));
    world.time.advance(Duration::from_secs(60));
    assert_eq!(verify(&key, &token, "council", &world.clock), Err(Denial::Expired));
}

#[test]
fn another_key_or_the_token_of_a_person_is_refused() {
    let world = World::new();
    let ours = key("a key of thirty-two bytes, or more");
    let theirs = key("another one of thirty-two bytes...");
    let token = mint(&theirs, "chat", "council", &world.clock);
    assert_eq!(verify(&ours, &token, "council", &world.clock), Err(Denial::Signature));
    assert_eq!(verify(&ours, &sign(&world.claims()), "council", &world.clock), Err(Denial::Kind));
}

#[tokio::test]
async fn the_token_of_a_service_is_no_access_token() {
    let world = World::new();
    let token = mint(&key("a key of thirty-two bytes, or more"), "chat", "tenancy", &world.clock);
    assert_eq!(world.denial(&token).await, Denial::Kind);
}

#[test]
fn a_short_key_is_a_mistake() {
    let read = |value: &str| {
        let env = Env::from([("WITAN_INTERNAL_KEY", value)]);
        let mut reader = Reader::new(&env);
        let key = InternalKey::read(&mut reader);
        reader.finish(|| key).map(drop).map_err(|mistakes| mistakes.to_string())
    };
    assert!(read("short").unwrap_err().contains("WITAN_INTERNAL_KEY"));
    assert!(read("a key of thirty-two bytes, or more").is_ok());
    assert!(!format!("{:?}", key("a secret of thirty-two bytes, or more")).contains("secret"));
}
