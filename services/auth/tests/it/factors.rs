//! Setting second factors up and taking them away.

use std::time::Duration;

use serde_json::json;

use crate::phone::{
    FACTORS, Phone, STEP_UP, TOTP, challenged, methods, methods_after_refresh, show_code, show_paper,
};
use crate::world::{PASSWORD, World};

const ADA: &str = "ada@example.org";
const CODES: &str = "/api/v1/auth/factors/recovery-codes";

#[tokio::test]
async fn an_app_is_set_up_with_its_first_code_and_told_by_mail() {
    let world = World::start().await;
    let session = world.session(ADA).await;
    let access = session.text_at("/accessToken");
    let client = world.with_token(&access);
    let none = client.get(FACTORS).await.expect(200);
    assert_eq!(
        none.json,
        json!({"secondFactor": false, "totp": null, "passkeys": 0, "recoveryCodesLeft": 0})
    );

    let phone = Phone::begin(&world, &access).await;
    let begun = client.get(FACTORS).await.expect(200);
    assert_eq!(
        (&begun.json["secondFactor"], &begun.json["totp"]["confirmedAt"]),
        (&json!(false), &json!(null))
    );
    let _ = world.login(ADA, PASSWORD).await.expect(200);

    let confirmed = phone.confirm(&world, &access, json!({})).await.expect(200);
    assert_eq!(confirmed.json["recoveryCodes"].as_array().unwrap().len(), 10);
    assert_eq!(confirmed.header("cache-control"), "no-store");
    let listed = client.get(FACTORS).await.expect(200);
    assert_eq!((&listed.json["secondFactor"], &listed.json["recoveryCodesLeft"]), (&json!(true), &json!(10)));
    assert!(listed.json["totp"]["confirmedAt"].is_string());
    assert_eq!(world.mail_of_kind(ADA, "security_notice").await["subject"], "An authenticator app was added");
    assert_eq!(methods_after_refresh(&world, &session).await, ["pwd", "otp"]);
}

#[tokio::test]
async fn neither_secret_nor_codes_are_stored_as_they_are() {
    let world = World::start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let phone = Phone::of(&world, &access).await;
    let hex: String = phone.secret.expose().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(world.count(&format!("totp_factors WHERE encode(secret, 'hex') LIKE '%{hex}%'")).await, 0);
    let code = phone.paper[0].replace('-', "");
    assert_eq!(world.count(&format!("recovery_codes WHERE digest = sha256('{code}')")).await, 0);
    assert_eq!(world.count("recovery_codes").await, 10);
}

#[tokio::test]
async fn a_wrong_first_code_a_late_one_and_a_second_one_are_refused() {
    let world = World::start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let client = world.with_token(&access);
    let confirm = format!("{TOTP}/confirm");
    client.post(&confirm, json!({"code": "123456"})).await.expect_problem(409, "auth.totp_not_begun");
    let phone = Phone::begin(&world, &access).await;
    let wrong = json!({"code": phone.wrong_code(&world)});
    client.post(&confirm, wrong).await.expect_problem(422, "auth.totp_code_wrong");
    client.post(&confirm, json!({"code": "12345x"})).await.expect_problem(422, "validation.failed");
    let again = Phone::begin(&world, &access).await;
    phone.confirm(&world, &access, json!({})).await.expect_problem(422, "auth.totp_code_wrong");

    world.sql("UPDATE totp_factors SET created_at = created_at - interval '1 hour'").await;
    again.confirm(&world, &access, json!({})).await.expect_problem(409, "auth.totp_not_begun");
    assert_eq!(world.count("totp_factors WHERE confirmed_at IS NOT NULL").await, 0);
    let phone = Phone::of(&world, &access).await;
    phone.confirm(&world, &access, json!({})).await.expect_problem(409, "auth.totp_not_begun");
    client.post(TOTP, ()).await.expect_problem(409, "auth.totp_exists");
}

#[tokio::test]
async fn of_two_first_codes_at_once_one_sets_the_app_up() {
    let world = World::start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let phone = Phone::begin(&world, &access).await;
    let more = || json!({});
    let (one, other) =
        tokio::join!(phone.confirm(&world, &access, more()), phone.confirm(&world, &access, more()));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!((statuses, world.count("recovery_codes").await), ([200, 409], 10));
}

#[tokio::test]
async fn factors_change_with_a_fresh_proof_only() {
    let world = World::start().await;
    let session = world.session(ADA).await;
    let phone = Phone::of(&world, &session.text_at("/accessToken")).await;
    world.time.advance(Duration::from_secs(11 * 60));
    let body = json!({"refreshToken": session.text_at("/refreshToken")});
    let session = world.anon().post("/api/v1/auth/refresh", body).await.expect(200);
    let client = world.with_token(&session.text_at("/accessToken"));
    client.delete(TOTP).await.expect_problem(403, "access.step_up_required");
    client.post(TOTP, ()).await.expect_problem(403, "access.step_up_required");
    client.post(CODES, ()).await.expect_problem(403, "access.step_up_required");
    let confirm = client.post(&format!("{TOTP}/confirm"), json!({"code": phone.code(&world)})).await;
    confirm.expect_problem(403, "access.step_up_required");
    let _ = world.anon().delete(TOTP).await.expect(401);
    assert_eq!(world.count("totp_factors").await, 1);
}

#[tokio::test]
async fn without_the_last_factor_no_session_counts_as_proved_by_one() {
    let world = World::start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let phone = Phone::of(&world, &access).await;
    let challenge = challenged(&world, ADA).await;
    let session = show_code(&world, &challenge, &phone.next_code(&world)).await.expect(200);
    assert_eq!(methods(&world, &session).await, ["pwd", "otp"]);
    let challenge = challenged(&world, ADA).await;
    let by_paper = show_paper(&world, &challenge, &phone.paper[0]).await.expect(200);

    let client = world.with_token(&session.text_at("/accessToken"));
    client.delete(TOTP).await.expect(204);
    assert_eq!(methods_after_refresh(&world, &session).await, ["pwd"]);
    assert_eq!(methods_after_refresh(&world, &by_paper).await, ["pwd"]);
    assert_eq!(world.count("recovery_codes").await, 0);
    let _ = world.login(ADA, PASSWORD).await.expect(200);
    client.delete(TOTP).await.expect_problem(404, "resource.not_found");
    client.post(CODES, ()).await.expect_problem(409, "auth.second_factor_missing");
    let notices = || world.mails(ADA).into_iter().filter(|mail| mail["kind"] == "security_notice");
    world.jobs_done().await;
    assert!(notices().any(|mail| mail["subject"] == "The authenticator app was removed"));
}

#[tokio::test]
async fn a_change_of_factors_ends_the_other_sessions_if_asked_to() {
    let world = World::start().await;
    let here = world.session(ADA).await;
    let there = world.login(ADA, PASSWORD).await.expect(200);
    let elsewhere = world.with_token(&there.text_at("/accessToken"));
    let access = here.text_at("/accessToken");
    let phone = Phone::begin(&world, &access).await;
    let _ = elsewhere.get(FACTORS).await.expect(200);
    phone.confirm(&world, &access, json!({"endOtherSessions": true})).await.expect(200);
    elsewhere.get(FACTORS).await.expect_problem(401, "access.session_ended");
    assert_eq!(world.event("session.revoked").await["reason"], "FACTOR_CHANGED");

    let challenge = challenged(&world, ADA).await;
    let there = show_code(&world, &challenge, &phone.next_code(&world)).await.expect(200);
    let client = world.with_token(&access);
    client.delete(&format!("{TOTP}?endOtherSessions=true")).await.expect(204);
    let me = world.with_token(&there.text_at("/accessToken")).get(FACTORS).await;
    me.expect_problem(401, "access.session_ended");
    let _ = client.get(FACTORS).await.expect(200);
}

#[tokio::test]
async fn new_recovery_codes_take_the_place_of_the_old_ones() {
    let world = World::start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    let phone = Phone::of(&world, &access).await;
    let made = world.with_token(&access).post(CODES, ()).await.expect(200);
    let fresh = made.json["recoveryCodes"].as_array().unwrap();
    assert_eq!((fresh.len(), world.count("recovery_codes").await), (10, 10));
    let challenge = challenged(&world, ADA).await;
    show_paper(&world, &challenge, &phone.paper[0]).await.expect_problem(401, "auth.second_factor_invalid");
    let _ = show_paper(&world, &challenge, fresh[0].as_str().unwrap()).await.expect(200);
    let step_up = json!({"recoveryCode": fresh[0]});
    let again = world.with_token(&access).post(STEP_UP, step_up).await;
    again.expect_problem(403, "auth.second_factor_wrong");
}

#[tokio::test]
async fn an_app_that_nobody_confirmed_is_forgotten() {
    let world = World::start().await;
    let access = world.session(ADA).await.text_at("/accessToken");
    Phone::begin(&world, &access).await;
    let eve = world.session("eve@example.org").await.text_at("/accessToken");
    Phone::of(&world, &eve).await;
    challenged(&world, "eve@example.org").await;
    world.time.advance(Duration::from_secs(2 * 3600));
    world.until("what is past its time is purged", "challenges", 0).await;
    world.until("what was not confirmed is purged", "totp_factors", 1).await;
}
