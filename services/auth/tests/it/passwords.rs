//! Forgotten, reset and changed passwords.

use std::time::Duration;

use serde_json::json;
use witan_testkit::Answer;

use crate::world::{PASSWORD, World};

const ADA: &str = "ada@example.org";
const NEW: &str = "an entirely different passphrase";
const RESET: &str = "/api/v1/auth/reset-password";

async fn order(world: &World, email: &str) {
    let body = json!({"email": email});
    let _ = world.anon().post("/api/v1/auth/request-password-reset", body).await.expect(202);
}

/// The token of a mail that lets Ada set a new password.
async fn mailed(world: &World) -> String {
    order(world, ADA).await;
    world.mail_of_kind(ADA, "reset_password").await["token"].as_str().unwrap().to_owned()
}

async fn reset(world: &World, token: &str, password: &str) -> Answer {
    world.anon().post(RESET, json!({"token": token, "newPassword": password})).await
}

async fn change(world: &World, access: &str, current: &str, new: &str) -> Answer {
    let body = json!({"currentPassword": current, "newPassword": new});
    world.with_token(access).post("/api/v1/auth/change-password", body).await
}

async fn refresh(world: &World, session: &Answer) -> Answer {
    let body = json!({"refreshToken": session.text_at("/refreshToken")});
    world.anon().post("/api/v1/auth/refresh", body).await
}

#[tokio::test]
async fn a_reset_sets_the_password_once_and_ends_every_session() {
    let world = World::start().await;
    let session = world.session(ADA).await;
    let token = mailed(&world).await;
    reset(&world, &token, NEW).await.expect(204);

    world.login(ADA, PASSWORD).await.expect_problem(401, "auth.invalid_credentials");
    let _ = world.login(ADA, NEW).await.expect(200);
    refresh(&world, &session).await.expect_problem(401, "auth.refresh_token_invalid");
    let me = world.with_token(&session.text_at("/accessToken")).get("/api/v1/auth/me").await;
    me.expect_problem(401, "access.session_ended");
    assert_eq!(world.event("session.revoked").await["reason"], "PASSWORD_RESET");
    world.mail_of_kind(ADA, "password_changed").await;
    reset(&world, &token, PASSWORD).await.expect_problem(422, "auth.reset_token_invalid");
}

#[tokio::test]
async fn a_link_of_an_hour_ago_is_too_old() {
    let world = World::start().await;
    world.person(ADA).await;
    let token = mailed(&world).await;
    world.time.advance(Duration::from_secs(3600));
    reset(&world, &token, NEW).await.expect_problem(422, "auth.reset_token_expired");
    let _ = world.login(ADA, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn of_many_who_use_one_link_one_succeeds() {
    let world = World::start().await;
    world.person(ADA).await;
    let token = mailed(&world).await;
    let attempts = (0..5).map(|n| {
        let (world, token) = (&world, &token);
        async move { reset(world, token, &format!("{NEW} number {n}")).await.status }
    });
    let statuses = futures_util::future::join_all(attempts).await;
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
}

#[tokio::test]
async fn a_weak_password_leaves_the_link_as_it_was() {
    let world = World::start().await;
    world.person(ADA).await;
    let token = mailed(&world).await;
    for weak in ["short", "password1"] {
        reset(&world, &token, weak).await.expect_problem(422, "validation.failed");
    }
    reset(&world, &token, NEW).await.expect(204);
}

#[tokio::test]
async fn a_link_is_good_for_what_it_was_mailed_for_alone() {
    let world = World::start().await;
    world.person(ADA).await;
    let token = mailed(&world).await;
    let verify = world.anon().post("/api/v1/auth/verify-email", json!({"token": token})).await;
    verify.expect_problem(422, "auth.verification_token_invalid");
    world.register("eve@example.org").await;
    let verification = world.token("eve@example.org").await;
    reset(&world, &verification, NEW).await.expect_problem(422, "auth.reset_token_invalid");
    reset(&world, "made-up", NEW).await.expect_problem(422, "auth.reset_token_invalid");
}

#[tokio::test]
async fn nobody_else_is_mailed_and_nobody_is_bombed() {
    let world = World::start().await;
    world.person(ADA).await;
    world.register("pending@example.org").await;
    for _ in 0..20 {
        order(&world, ADA).await;
    }
    order(&world, "absent@example.org").await;
    order(&world, "pending@example.org").await;
    world.jobs_done().await;
    let resets = |to: &str| world.mails(to).iter().filter(|mail| mail["kind"] == "reset_password").count();
    assert!((1..=5).contains(&resets(ADA)), "{}", resets(ADA));
    assert_eq!(resets("pending@example.org") + resets("absent@example.org"), 0);
}

#[tokio::test]
async fn the_page_asks_first_and_then_takes_the_form() {
    let world = World::start().await;
    world.person(ADA).await;
    let token = mailed(&world).await;
    let page = world.anon().get(&format!("{RESET}?token={token}")).await.expect(200);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let submit = async |password: &str| {
        let anon = world.anon();
        let request = anon.request(reqwest::Method::POST, &format!("{RESET}/submit"));
        anon.send(request.form(&[("token", token.as_str()), ("newPassword", password)])).await
    };
    let _ = submit("password1").await.expect(422);
    let _ = submit(NEW).await.expect(200);
    let _ = submit(NEW).await.expect(422);
    let _ = world.login(ADA, NEW).await.expect(200);
}

#[tokio::test]
async fn a_change_asks_for_the_old_one_and_ends_the_other_sessions() {
    let world = World::start().await;
    let here = world.session(ADA).await;
    let there = world.login(ADA, PASSWORD).await.expect(200);
    let link = mailed(&world).await;
    let access = here.text_at("/accessToken");
    change(&world, &access, "not the password", NEW).await.expect_problem(403, "auth.password_wrong");
    change(&world, &access, PASSWORD, "password1").await.expect_problem(422, "validation.failed");
    change(&world, &access, PASSWORD, NEW).await.expect(204);

    refresh(&world, &there).await.expect_problem(401, "auth.refresh_token_invalid");
    let _ = refresh(&world, &here).await.expect(200);
    world.login(ADA, PASSWORD).await.expect_problem(401, "auth.invalid_credentials");
    let _ = world.login(ADA, NEW).await.expect(200);
    reset(&world, &link, PASSWORD).await.expect_problem(422, "auth.reset_token_invalid");
    world.mail_of_kind(ADA, "password_changed").await;
}

#[tokio::test]
async fn of_two_changes_at_once_one_asked_for_the_old_password() {
    let world = World::start().await;
    let session = world.session(ADA).await;
    let access = session.text_at("/accessToken");
    let (one, other) = tokio::join!(
        change(&world, &access, PASSWORD, NEW),
        change(&world, &access, PASSWORD, "yet another fine one")
    );
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 403]);
}

#[tokio::test]
async fn logging_out_everywhere_ends_all_sessions() {
    let world = World::start().await;
    let (here, there) = (world.session(ADA).await, world.login(ADA, PASSWORD).await.expect(200));
    let client = world.with_token(&here.text_at("/accessToken"));
    client.post("/api/v1/auth/logout?all=true", ()).await.expect(204);
    for session in [here, there] {
        refresh(&world, &session).await.expect_problem(401, "auth.refresh_token_invalid");
    }
}

#[tokio::test]
async fn a_refresh_is_no_proof_and_a_step_up_is() {
    let world = World::start().await;
    let session = world.session(ADA).await;
    world.time.advance(Duration::from_secs(11 * 60));
    let session = refresh(&world, &session).await.expect(200);
    let client = world.with_token(&session.text_at("/accessToken"));
    let key = json!({"name": "ci", "scopes": ["read"]});
    client.post("/api/v1/api-keys", &key).await.expect_problem(403, "access.step_up_required");
    let step_up = "/api/v1/auth/step-up";
    client.post(step_up, json!({"password": "wrong"})).await.expect_problem(403, "auth.password_wrong");
    let proved = client.post(step_up, json!({"password": PASSWORD})).await.expect(200);
    let client = world.with_token(&proved.text_at("/accessToken"));
    let _ = client.post("/api/v1/api-keys", &key).await.expect(201);
}
