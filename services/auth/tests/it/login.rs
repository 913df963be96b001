use serde_json::json;
use witan_access::Claims;

use crate::world::{PASSWORD, World};

const LOGIN: &str = "/api/v1/auth/login";

#[tokio::test]
async fn tokens_name_the_user_the_session_and_the_services() {
    let world = World::start().await;
    let user = world.person("ada@example.org").await;
    let answer = world.login("Ada@Example.ORG", PASSWORD).await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.json["tokenType"], "Bearer");
    assert_eq!(answer.json["expiresIn"], 900);
    assert!(answer.text_at("/refreshToken").starts_with("rt_"));

    let (header, claims) = world.verify(&answer.text_at("/accessToken")).await;
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    let claims: Claims = claims;
    assert_eq!(claims.sub, user);
    assert_eq!(claims.sid.to_string(), answer.text_at("/sessionId"));
    assert_eq!(claims.exp - claims.iat, 900);
    assert!(
        ["auth", "tenancy", "chat", "billing"]
            .iter()
            .all(|service| claims.aud.contains(&(*service).to_owned()))
    );
    assert_eq!(claims.wid, None);

    let event = world.event("session.started").await;
    assert_eq!(event["sessionId"], answer.json["sessionId"]);
    assert_eq!(event["userId"], user.to_string());
}

#[tokio::test]
async fn a_wrong_password_opens_nothing() {
    let world = World::start().await;
    world.person("ada@example.org").await;
    for password in ["Correct horse battery staple", "x", &"x".repeat(128)] {
        let answer = world.login("ada@example.org", password).await;
        answer.expect_problem(401, "auth.invalid_credentials");
    }
    assert_eq!(world.count("sessions").await, 0);
}

#[tokio::test]
async fn only_who_knows_the_password_learns_that_the_address_is_not_verified() {
    let world = World::start().await;
    world.register("ada@example.org").await;
    let wrong = world.login("ada@example.org", "something else entirely").await;
    wrong.expect_problem(401, "auth.invalid_credentials");
    let right = world.login("ada@example.org", PASSWORD).await;
    right.expect_problem(403, "auth.email_not_verified");
    assert_eq!(world.count("sessions").await, 0);
}

#[tokio::test]
async fn closed_accounts_say_so_after_the_right_password() {
    let world = World::start().await;
    world.person("ada@example.org").await;
    for (change, code) in [
        ("state = 'DEACTIVATED', deactivated_at = now()", "auth.account_deactivated"),
        (
            "state = 'PENDING_DELETION', deactivated_at = NULL, deletion_due_at = now()",
            "auth.account_pending_deletion",
        ),
    ] {
        world.sql(&format!("UPDATE users SET {change}")).await;
        let wrong = world.login("ada@example.org", "something else entirely").await;
        wrong.expect_problem(401, "auth.invalid_credentials");
        world.login("ada@example.org", PASSWORD).await.expect_problem(403, code);
    }
    assert_eq!(world.count("sessions").await, 0);
}

#[tokio::test]
async fn a_malformed_request_is_refused() {
    let world = World::start().await;
    let anon = world.anon();
    let _ = anon.post(LOGIN, json!({"email": "x", "password": "y"})).await.expect(422);
    let _ = anon.post(LOGIN, json!({"email": "ada@example.org"})).await.expect(422);
    let _ =
        anon.post(LOGIN, json!({"email": "a@example.org", "password": "y", "admin": true})).await.expect(422);
    let _ =
        anon.post(LOGIN, json!({"email": "a@example.org", "password": "y".repeat(129)})).await.expect(422);
    anon.send(
        anon.request(reqwest::Method::POST, LOGIN).body("{").header("content-type", "application/json"),
    )
    .await
    .expect(400);
    anon.send(anon.request(reqwest::Method::POST, LOGIN).body("email=x")).await.expect(415);
}

#[tokio::test]
async fn past_the_queue_the_answer_is_busy() {
    let world = World::start().await;
    let attempts = (0..60).map(|_| world.login("nobody@example.org", PASSWORD));
    let answers = futures_util::future::join_all(attempts).await;
    let busy: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!busy.is_empty() && busy.len() < 60, "{} of 60", busy.len());
    for answer in busy {
        assert_eq!(answer.json["code"], "auth.busy");
        assert_eq!(answer.header("retry-after"), "1");
    }
}

#[tokio::test]
async fn the_first_workspace_a_user_owns_is_in_their_tokens() {
    let world = World::start().await;
    let user = world.person("ada@example.org").await;
    let (first, second) = (world.workspace_id(), world.workspace_id());
    for workspace in [first, second] {
        world.workspace_created(workspace, user).await;
    }
    world.until("the default is set", "users WHERE default_workspace IS NOT NULL", 1).await;
    let answer = world.login("ada@example.org", PASSWORD).await.expect(200);
    let (_, claims) = world.verify(&answer.text_at("/accessToken")).await;
    assert_eq!(claims.wid, Some(first));
}

#[tokio::test]
async fn guessing_is_limited_by_address() {
    let world = World::start_with(|builder| builder.env("RATE_LIMIT_AUTH", "5")).await;
    for _ in 0..5 {
        world.login("nobody@example.org", "a guess").await.expect_problem(401, "auth.invalid_credentials");
    }
    let limited = world.login("nobody@example.org", "a guess").await;
    let limited = limited.expect_problem(429, "rate_limit.exceeded");
    assert!(!limited.header("retry-after").is_empty());
}

#[tokio::test]
async fn a_bcrypt_hash_of_another_system_logs_in_once_and_is_argon2_from_then_on() {
    let world = World::start().await;
    world.person("ada@example.org").await;
    let imported = bcrypt::hash(PASSWORD, 4).unwrap();
    world.sql(&format!("UPDATE users SET password_hash = '{imported}'")).await;
    let wrong = world.login("ada@example.org", "something else entirely").await;
    wrong.expect_problem(401, "auth.invalid_credentials");
    assert_eq!(
        world.count("users WHERE password_hash LIKE '$2b$%'").await,
        1,
        "a wrong password replaces nothing"
    );
    let _ = world.login("ada@example.org", PASSWORD).await.expect(200);
    assert_eq!(world.count("users WHERE password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'").await, 1);
    let _ = world.login("ada@example.org", PASSWORD).await.expect(200);
}
