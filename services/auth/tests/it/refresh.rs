use std::collections::HashSet;
use std::time::Duration;

use serde_json::json;
use witan_testkit::Answer;

use crate::world::{PASSWORD, World};

const REFRESH: &str = "/api/v1/auth/refresh";

async fn refresh(world: &World, token: &str) -> Answer {
    world.anon().post(REFRESH, json!({"refreshToken": token})).await
}

fn token(answer: &Answer) -> String {
    answer.text_at("/refreshToken")
}

#[tokio::test]
async fn a_refresh_keeps_the_session_and_moves_the_token() {
    let world = World::start().await;
    let login = world.session("ada@example.org").await;
    world.time.advance(Duration::from_secs(600));
    let next = refresh(&world, &token(&login)).await.expect(200);
    assert_eq!(next.header("cache-control"), "no-store");
    assert_eq!(next.json["sessionId"], login.json["sessionId"]);
    assert_ne!(token(&next), token(&login));
    assert_ne!(next.json["accessToken"], login.json["accessToken"]);
    let (_, claims) = world.verify(&next.text_at("/accessToken")).await;
    assert_eq!(claims.sid.to_string(), login.text_at("/sessionId"));
}

#[tokio::test]
async fn tabs_that_refresh_together_share_one_successor() {
    let world = World::start().await;
    let mut newest = token(&world.session("ada@example.org").await);
    for _ in 0..8 {
        let answers = futures_util::future::join_all((0..50).map(|_| refresh(&world, &newest))).await;
        let successors: HashSet<_> = answers.into_iter().map(|answer| token(&answer.expect(200))).collect();
        assert_eq!(successors.len(), 1);
        newest = successors.into_iter().next().unwrap();
    }
    assert_eq!(world.count("sessions WHERE counter = 8 AND revoked_at IS NULL").await, 1);
}

#[tokio::test]
async fn a_lost_answer_can_be_had_again_for_a_minute() {
    let world = World::start().await;
    let first = token(&world.session("ada@example.org").await);
    let lost = token(&refresh(&world, &first).await.expect(200));
    world.time.advance(Duration::from_secs(60));
    assert_eq!(token(&refresh(&world, &first).await.expect(200)), lost);
}

#[tokio::test]
async fn a_spent_token_shown_after_61_seconds_ends_the_session() {
    let world = World::start().await;
    let login = world.session("ada@example.org").await;
    let newest = refresh(&world, &token(&login)).await.expect(200);
    world.time.advance(Duration::from_secs(61));
    refresh(&world, &token(&login)).await.expect_problem(401, "auth.refresh_token_reused");
    world.mail_of_kind("ada@example.org", "refresh_reuse").await;

    refresh(&world, &token(&newest)).await.expect_problem(401, "auth.refresh_token_invalid");
    let access = world.with_token(&newest.text_at("/accessToken"));
    let _ = access.get("/api/v1/auth/me").await.expect(401);
    let event = world.event("session.revoked").await;
    assert_eq!(event["reason"], "REFRESH_REUSE");
    assert_eq!(event["sessionId"], login.json["sessionId"]);
    assert_eq!(world.count("sessions WHERE revoked_reason = 'REFRESH_REUSE'").await, 1);
    let entry = world.audited("REFRESH_REUSE").await;
    assert_eq!((&entry["subjectId"], entry["outcome"].as_str()), (&login.json["sessionId"], Some("FAILURE")));
}

#[tokio::test]
async fn a_parent_is_refused_once_its_successor_was_used() {
    let world = World::start().await;
    let first = token(&world.session("ada@example.org").await);
    let second = token(&refresh(&world, &first).await.expect(200));
    let _ = refresh(&world, &second).await.expect(200);
    world.time.advance(Duration::from_secs(11));
    refresh(&world, &first).await.expect_problem(401, "auth.refresh_token_reused");
}

#[tokio::test]
async fn one_session_ends_alone() {
    let world = World::start().await;
    let one = world.session("ada@example.org").await;
    let other = world.login("ada@example.org", PASSWORD).await.expect(200);
    let _ = refresh(&world, &token(&one)).await.expect(200);
    world.time.advance(Duration::from_secs(61));
    let _ = refresh(&world, &token(&one)).await.expect(401);
    let _ = refresh(&world, &token(&other)).await.expect(200);
}

#[tokio::test]
async fn what_is_made_up_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let real = token(&world.session("ada@example.org").await);
    let mut forged = real.clone();
    let part = real.len() - 4..real.len() - 2;
    forged.replace_range(part.clone(), if &real[part] == "AA" { "BB" } else { "AA" });
    for made_up in ["rt_", "x", &real[3..], &forged] {
        refresh(&world, made_up).await.expect_problem(401, "auth.refresh_token_invalid");
    }
    let _ = world.anon().post(REFRESH, json!({})).await.expect(422);
    let _ = world.anon().post(REFRESH, json!({"refreshToken": "x".repeat(201)})).await.expect(422);
    let _ = refresh(&world, &real).await.expect(200);
}

#[tokio::test]
async fn a_token_that_is_not_used_for_a_week_is_no_good() {
    let world = World::start().await;
    let first = token(&world.session("ada@example.org").await);
    world.time.advance(Duration::from_secs(7 * 86_400));
    refresh(&world, &first).await.expect_problem(401, "auth.refresh_token_invalid");
}

#[tokio::test]
async fn a_session_ends_after_a_month_however_busy() {
    let world = World::start().await;
    let mut newest = token(&world.session("ada@example.org").await);
    for _ in 0..5 {
        world.time.advance(Duration::from_secs(6 * 86_400 - 60));
        newest = token(&refresh(&world, &newest).await.expect(200));
    }
    world.time.advance(Duration::from_secs(300));
    refresh(&world, &newest).await.expect_problem(401, "auth.refresh_token_invalid");
}

#[tokio::test]
async fn a_closed_account_is_not_prolonged() {
    let world = World::start().await;
    let first = token(&world.session("ada@example.org").await);
    world.sql("UPDATE users SET state = 'DEACTIVATED', deactivated_at = now()").await;
    refresh(&world, &first).await.expect_problem(401, "auth.refresh_token_invalid");
    assert_eq!(world.count("sessions WHERE counter = 0").await, 1);
}

#[tokio::test]
async fn auditors_hear_of_refreshes_once_for_many() {
    let mut world = World::start().await;
    let login = world.session("ada@example.org").await;
    let mut newest = token(&login);
    for _ in 0..3 {
        newest = token(&refresh(&world, &newest).await.expect(200));
    }
    assert!(world.service.halt().await);
    world.time.advance(Duration::from_secs(60));
    Box::pin(world.service.resume()).await.unwrap();
    let mut told = 0;
    while told < 3 {
        let entry = world.audited("REFRESH_TOKEN").await;
        assert_eq!(entry["subjectId"], login.json["sessionId"]);
        told += entry["details"]["times"].as_str().unwrap().parse::<u32>().unwrap();
    }
    assert_eq!(told, 3);
    assert_eq!(world.count("sessions WHERE counter > audited").await, 0);
}
