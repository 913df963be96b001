//! Signing keys that change places.

use std::time::Duration;

use serde_json::json;
use witan_testkit::{Answer, Client, eventually, eventually_within};

use crate::world::{PASSWORD, World};

const ADMIN: &str = "root@example.org";
const ROTATE: &str = "/api/v1/auth/rotate-keys";
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn world() -> World {
    World::start_with(|builder| builder.env("AUTH_PLATFORM_ADMINS", "Root@Example.org, other@example.org"))
        .await
}

async fn rotate(world: &World, session: &Answer, body: serde_json::Value) -> Answer {
    world.with_token(&session.text_at("/accessToken")).post(ROTATE, body).await
}

async fn login(world: &World) -> Answer {
    world.login(ADMIN, PASSWORD).await.expect(200)
}

async fn me(world: &World, session: &Answer) -> Answer {
    world.with_token(&session.text_at("/accessToken")).get("/api/v1/auth/me").await
}

async fn key_of(world: &World, session: &Answer) -> String {
    world.verify(&session.text_at("/accessToken")).await.0.kid.unwrap()
}

#[tokio::test]
async fn a_successor_is_published_first_and_signs_a_day_later() {
    let world = world().await;
    let first = world.session(ADMIN).await;
    let keys = rotate(&world, &first, json!({})).await.expect(200);
    let states: Vec<_> = keys.json["data"].as_array().unwrap().iter().map(|key| &key["state"]).collect();
    assert_eq!(states, ["ACTIVE", "ACTIVE", "NEXT", "NEXT"]);
    let published = world.anon().get("/.well-known/jwks.json").await.expect(200);
    assert_eq!(published.json["keys"].as_array().unwrap().len(), 2);
    rotate(&world, &first, json!({})).await.expect(200);
    assert_eq!(key_of(&world, &first).await, key_of(&world, &login(&world).await).await, "too early");

    world.time.advance(DAY - Duration::from_secs(60));
    let old = login(&world).await;
    world.time.advance(Duration::from_secs(60));
    rotate(&world, &old, json!({})).await.expect(200);
    let new = login(&world).await;
    assert_ne!(key_of(&world, &old).await, key_of(&world, &new).await);
    let _ = me(&world, &old).await.expect(200);
    let _ = me(&world, &new).await.expect(200);
    let body = json!({"refreshToken": old.text_at("/refreshToken")});
    let _ = world.anon().post("/api/v1/auth/refresh", body).await.expect(200);

    world.time.advance(Duration::from_secs(3600));
    rotate(&world, &login(&world).await, json!({})).await.expect(200);
    assert_eq!(world.count("signing_keys WHERE purpose = 'ACCESS' AND state = 'RETIRING'").await, 0, "gone");
    let retiring = "signing_keys WHERE purpose = 'REFRESH' AND state = 'RETIRING'";
    assert_eq!(world.count(retiring).await, 1, "a refresh token lives for a week");
}

#[tokio::test]
async fn the_schedule_does_the_same_unasked() {
    let mut world = world().await;
    world.time.advance(89 * DAY);
    assert!(world.service.halt().await);
    Box::pin(world.service.resume()).await.unwrap();
    let next = "signing_keys WHERE state = 'NEXT'";
    eventually("the successors", async || world.count(next).await == 2).await;
    assert!(world.service.halt().await);
    world.time.advance(DAY);
    Box::pin(world.service.resume()).await.unwrap();
    eventually("the swap", async || world.count(next).await == 0).await;
    assert_eq!(world.count("signing_keys WHERE state = 'RETIRING'").await, 2);
}

#[tokio::test]
async fn a_key_that_leaked_takes_what_it_signed_with_it() {
    let world = world().await;
    let session = world.session(ADMIN).await;
    rotate(&world, &session, json!({"compromised": true})).await.expect(200);
    me(&world, &session).await.expect_problem(401, "access.token_invalid");
    let body = json!({"refreshToken": session.text_at("/refreshToken")});
    let refreshed = world.anon().post("/api/v1/auth/refresh", body).await.expect(200);
    let _ = me(&world, &refreshed).await.expect(200);
}

#[tokio::test]
async fn only_who_runs_the_installation_may_and_only_with_a_fresh_proof() {
    let world = world().await;
    world.anon().post(ROTATE, json!({})).await.expect_problem(401, "access.token_missing");
    let somebody = world.session("ada@example.org").await;
    let refused = rotate(&world, &somebody, json!({})).await;
    assert_eq!(refused.status, 403, "{}", refused.json);
    let admin = world.session(ADMIN).await;
    rotate(&world, &admin, json!({"unknown": 1})).await.expect_problem(422, "validation.failed");
    world.time.advance(Duration::from_secs(11 * 60));
    rotate(&world, &admin, json!({})).await.expect_problem(403, "access.step_up_required");
    assert_eq!(world.count("signing_keys").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_replica_learns_within_two_seconds_that_a_key_leaked() {
    let world = world().await;
    let session = world.session(ADMIN).await;
    let replica = Box::pin(world.service.replica()).await.unwrap();
    let other = Client::anonymous(format!("http://{}/", replica.public_addr).parse().unwrap());
    let there = other.clone().with_token(session.text_at("/accessToken"));
    assert!(replica.context().access.freshness.is_fresh_soon().await);
    let _ = there.get("/api/v1/auth/me").await.expect(200);
    rotate(&world, &session, json!({"compromised": true})).await.expect(200);
    let limit = Duration::from_secs(2);
    let refused = async || there.get("/api/v1/auth/me").await.status == 401;
    eventually_within(limit, "it is refused there", refused).await;
    let body = json!({"email": ADMIN, "password": PASSWORD});
    let fresh = other.post("/api/v1/auth/login", body).await.expect(200);
    let _ = me(&world, &fresh).await.expect(200);
    replica.stop().await;
}
