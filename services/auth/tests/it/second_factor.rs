//! Log-ins that ask for a second factor.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::phone::{Phone, challenged, methods, show_code, show_paper};
use crate::world::{PASSWORD, World};

const ADA: &str = "ada@example.org";
const EVE: &str = "eve@example.org";
const NEW: &str = "an entirely different passphrase";
const HOME: &str = "http://127.0.0.1:8080";

async fn ada(world: &World) -> Phone {
    let access = world.session(ADA).await.text_at("/accessToken");
    Phone::of(world, &access).await
}

#[tokio::test]
async fn a_password_alone_gets_a_challenge_and_a_code_gets_the_tokens() {
    let world = World::start().await;
    let phone = ada(&world).await;
    let sessions = world.count("sessions").await;
    let answer = world.login(ADA, PASSWORD).await.expect(202);
    assert_eq!(answer.json["methods"], json!(["totp", "recovery-code"]));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(world.count("sessions").await, sessions, "nobody is in yet");
    world.login(ADA, "not the password").await.expect_problem(401, "auth.invalid_credentials");

    let challenge = answer.text_at("/challengeToken");
    let session = show_code(&world, &challenge, &phone.next_code(&world)).await.expect(200);
    assert_eq!(methods(&world, &session).await, ["pwd", "otp"]);
    let _ = world.with_token(&session.text_at("/accessToken")).get("/api/v1/auth/me").await.expect(200);
}

#[tokio::test]
async fn a_code_works_once() {
    let world = World::start().await;
    let phone = ada(&world).await;
    let challenge = challenged(&world, ADA).await;
    let set_up_with = phone.code(&world);
    show_code(&world, &challenge, &set_up_with).await.expect_problem(401, "auth.second_factor_invalid");
    let code = phone.next_code(&world);
    let _ = show_code(&world, &challenge, &code).await.expect(200);
    let challenge = challenged(&world, ADA).await;
    show_code(&world, &challenge, &code).await.expect_problem(401, "auth.second_factor_invalid");
}

#[tokio::test]
async fn of_many_who_show_one_code_one_gets_in() {
    let world = World::start().await;
    let phone = ada(&world).await;
    let sessions = world.count("sessions").await;
    let code = phone.next_code(&world);
    let mut challenges = Vec::new();
    for _ in 0..4 {
        challenges.push(challenged(&world, ADA).await);
    }
    let attempts = challenges.iter().map(|challenge| show_code(&world, challenge, &code));
    let answers = futures_util::future::join_all(attempts).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(world.count("sessions").await, sessions + 1);
}

#[tokio::test]
async fn a_challenge_is_good_for_one_log_in() {
    let world = World::start().await;
    let phone = ada(&world).await;
    let challenge = challenged(&world, ADA).await;
    let attempts = phone.paper[..4].iter().map(|code| show_paper(&world, &challenge, code));
    let answers = futures_util::future::join_all(attempts).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    let again = show_code(&world, &challenge, &phone.next_code(&world)).await;
    again.expect_problem(401, "auth.challenge_invalid");
    assert_eq!(world.count("recovery_codes").await, 9, "who came late lost no code");
}

#[tokio::test]
async fn a_late_challenge_and_a_made_up_one_are_no_good() {
    let world = World::start().await;
    let phone = ada(&world).await;
    let challenge = challenged(&world, ADA).await;
    world.time.advance(Duration::from_secs(5 * 60));
    let late = show_code(&world, &challenge, &phone.code(&world)).await;
    late.expect_problem(401, "auth.challenge_invalid");
    for text in ["x", &"A".repeat(43), &"=".repeat(43)] {
        let made_up = show_code(&world, text, &phone.code(&world)).await;
        made_up.expect_problem(401, "auth.challenge_invalid");
    }
    let challenge = challenged(&world, ADA).await;
    show_code(&world, &challenge, "12345x").await.expect_problem(422, "validation.failed");
    show_paper(&world, &challenge, "0000-1111-0000-1111").await.expect_problem(422, "validation.failed");
    assert_eq!(world.count("factor_attempts").await, 0, "what is no code is not counted");
}

#[tokio::test]
async fn a_new_password_ends_log_ins_that_began_with_the_old_one() {
    let world = World::start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let phone = Phone::of(&world, &access).await;
    let challenge = challenged(&world, ADA).await;
    let body = json!({"currentPassword": PASSWORD, "newPassword": NEW});
    world.with_token(&access).post("/api/v1/auth/change-password", body).await.expect(204);
    let answer = show_code(&world, &challenge, &phone.next_code(&world)).await;
    answer.expect_problem(401, "auth.challenge_invalid");
}

#[tokio::test]
async fn a_reset_password_does_not_stand_in_for_the_second_factor() {
    let world = World::start().await;
    ada(&world).await;
    let body = json!({"email": ADA});
    let _ = world.anon().post("/api/v1/auth/request-password-reset", body).await.expect(202);
    let token = world.mail_of_kind(ADA, "reset_password").await["token"].as_str().unwrap().to_owned();
    let body = json!({"token": token, "newPassword": NEW});
    let reset = world.anon().post("/api/v1/auth/reset-password", body).await.expect(204);
    assert!(reset.headers.get("set-cookie").is_none());
    let answer = world.login(ADA, NEW).await.expect(202);
    assert!(answer.json.get("accessToken").is_none());
}

#[tokio::test]
async fn five_wrong_codes_stop_even_the_right_one_and_the_owner_hears_of_it() {
    let world = World::start().await;
    let phone = ada(&world).await;
    let challenge = challenged(&world, ADA).await;
    for _ in 0..5 {
        let wrong = show_code(&world, &challenge, &phone.wrong_code(&world)).await;
        wrong.expect_problem(401, "auth.second_factor_invalid");
    }
    let right = show_code(&world, &challenge, &phone.next_code(&world)).await;
    assert_eq!(right.header("retry-after"), "870");
    right.expect_problem(429, "auth.second_factor_locked");
    let paper = show_paper(&world, &challenge, &phone.paper[0]).await;
    paper.expect_problem(429, "auth.second_factor_locked");
    assert_eq!(world.count("recovery_codes").await, 10);
    world.jobs_done().await;
    let told = world
        .mails(ADA)
        .iter()
        .filter(|mail| mail["subject"].as_str().unwrap().contains("was stopped"))
        .count();
    assert_eq!(told, 1);

    world.time.advance(Duration::from_secs(15 * 60));
    let challenge = challenged(&world, ADA).await;
    let _ = show_code(&world, &challenge, &phone.code(&world)).await.expect(200);
    assert_eq!(world.count("factor_attempts").await, 0);
}

#[tokio::test]
async fn a_recovery_code_works_once_however_it_is_typed_and_for_its_owner_alone() {
    let world = World::start().await;
    let phone = ada(&world).await;
    let eve = world.session(EVE).await.text_at("/accessToken");
    let eves = Phone::of(&world, &eve).await;
    let challenge = challenged(&world, ADA).await;
    show_paper(&world, &challenge, &eves.paper[0]).await.expect_problem(401, "auth.second_factor_invalid");
    let code = eves.next_code(&world);
    show_code(&world, &challenge, &code).await.expect_problem(401, "auth.second_factor_invalid");

    let typed = phone.paper[0].to_lowercase().replace('-', " ");
    let session = show_paper(&world, &challenge, &typed).await.expect(200);
    assert_eq!(methods(&world, &session).await, ["pwd", "recovery"]);
    let challenge = challenged(&world, ADA).await;
    show_paper(&world, &challenge, &phone.paper[0]).await.expect_problem(401, "auth.second_factor_invalid");
    assert_eq!(world.count("recovery_codes").await, 19);
}

#[tokio::test]
async fn an_account_that_was_closed_meanwhile_stays_closed() {
    let world = World::start().await;
    let phone = ada(&world).await;
    let challenge = challenged(&world, ADA).await;
    world.sql("UPDATE users SET state = 'DEACTIVATED', deactivated_at = now()").await;
    let answer = show_code(&world, &challenge, &phone.next_code(&world)).await;
    answer.expect_problem(403, "auth.account_deactivated");
}

#[tokio::test]
async fn a_log_in_that_began_with_cookies_ends_with_them() {
    let world = World::start().await;
    let phone = ada(&world).await;
    let client = world.anon();
    let ask = async |path: &str, origin: &str, body: serde_json::Value| {
        client.send(client.request(Method::POST, path).header("origin", origin).json(&body)).await
    };
    let body = json!({"email": ADA, "password": PASSWORD, "cookies": true});
    let answer = ask("/api/v1/auth/login", HOME, body).await.expect(202);
    assert!(answer.headers.get("set-cookie").is_none());
    let proof = json!({"challengeToken": answer.text_at("/challengeToken"), "code": phone.next_code(&world)});
    let foreign = ask("/api/v1/auth/login/totp", "https://evil.example", proof.clone()).await;
    foreign.expect_problem(403, "access.origin_refused");
    let session = ask("/api/v1/auth/login/totp", HOME, proof).await.expect(200);
    assert_eq!(session.text_at("/tokenType"), "Cookie");
    assert!(session.json.get("accessToken").is_none() && session.json.get("refreshToken").is_none());
    let set: Vec<_> = session.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
    for name in ["__Host-witan_access=", "__Host-witan_refresh=", "__Host-witan_csrf="] {
        assert!(set.iter().any(|cookie| cookie.starts_with(name)), "{set:?}");
    }
}

#[tokio::test]
async fn a_client_of_oauth_that_knows_no_second_step_is_refused() {
    let world = World::start().await;
    ada(&world).await;
    let client = world.anon();
    for path in ["/api/v1/auth/token", "/api/v1/auth/login"] {
        let form = [("grant_type", "password"), ("username", ADA), ("password", PASSWORD)];
        let answer = client.send(client.request(Method::POST, path).form(&form)).await.expect(400);
        assert_eq!(answer.text_at("/error"), "invalid_grant");
    }
    assert_eq!(world.count("challenges").await, 0);
}
