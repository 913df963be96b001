//! Another address for an account.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use witan_testkit::{Answer, Client};

use crate::world::{PASSWORD, World};

const ADA: &str = "ada@example.org";
const NEW: &str = "Augusta@example.net";
const CONFIRM: &str = "/api/v1/auth/change-email";

async fn client(world: &World, email: &str) -> Client {
    let session = world.session(email).await;
    world.with_token(&session.text_at("/accessToken"))
}

async fn order(client: &Client, email: &str) -> Answer {
    client.post("/api/v1/users/me/email", json!({"newEmail": email})).await
}

/// The token of the newest link that was mailed to an address for this.
async fn mailed(world: &World, to: &str) -> String {
    world.mail_of_kind(to, "change_email").await;
    world.jobs_done().await;
    let mut mails = world.mails(to).into_iter().filter(|mail| mail["kind"] == "change_email");
    mails.next_back().unwrap()["token"].as_str().unwrap().to_owned()
}

async fn confirm(world: &World, token: &str) -> Answer {
    world.anon().post(CONFIRM, json!({"token": token})).await
}

fn kinds(world: &World, to: &str) -> Vec<String> {
    world.mails(to).iter().map(|mail| mail["kind"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_address_changes_when_the_new_one_is_proved_and_the_old_one_is_told() {
    let world = World::start().await;
    let ada = client(&world, ADA).await;
    let _ = order(&ada, NEW).await.expect(202);
    let token = mailed(&world, NEW).await;
    world.mail_of_kind(ADA, "security_notice").await;
    assert_eq!(ada.get("/api/v1/auth/me").await.expect(200).text_at("/email"), ADA);
    let _ = world.login(NEW, PASSWORD).await.expect(401);

    let changed = confirm(&world, &token).await.expect(200);
    assert_eq!(changed.text_at("/email"), NEW);
    assert_eq!(world.event("user.email_changed").await["email"], "augusta@example.net");
    assert_eq!(ada.get("/api/v1/auth/me").await.expect(200).text_at("/email"), NEW);
    let _ = world.login("augusta@EXAMPLE.net", PASSWORD).await.expect(200);
    world.login(ADA, PASSWORD).await.expect_problem(401, "auth.invalid_credentials");
    world.jobs_done().await;
    assert_eq!(kinds(&world, ADA), ["verify_email", "security_notice", "security_notice"]);
    assert_eq!(kinds(&world, NEW), ["change_email"]);
    confirm(&world, &token).await.expect_problem(422, "auth.change_token_invalid");
    // The old address is free again.
    world.register(ADA).await;
    world.until("another account", "users", 2).await;
}

#[tokio::test]
async fn links_that_were_mailed_to_the_old_address_open_nothing() {
    let world = World::start().await;
    let ada = client(&world, ADA).await;
    let _ = order(&ada, NEW).await.expect(202);
    let token = mailed(&world, NEW).await;
    let body = json!({"email": ADA});
    let _ = world.anon().post("/api/v1/auth/request-password-reset", body).await.expect(202);
    let reset = world.mail_of_kind(ADA, "reset_password").await["token"].as_str().unwrap().to_owned();
    let wrong = confirm(&world, &reset).await;
    wrong.expect_problem(422, "auth.change_token_invalid");
    let _ = confirm(&world, &token).await.expect(200);
    let body = json!({"token": reset, "newPassword": "an entirely different passphrase"});
    let answer = world.anon().post("/api/v1/auth/reset-password", body).await;
    answer.expect_problem(422, "auth.reset_token_invalid");
    let _ = world.login(NEW, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_newer_wish_makes_the_older_link_worthless() {
    let world = World::start().await;
    let ada = client(&world, ADA).await;
    let _ = order(&ada, "first@example.net").await.expect(202);
    let first = mailed(&world, "first@example.net").await;
    let _ = order(&ada, "second@example.net").await.expect(202);
    confirm(&world, &first).await.expect_problem(422, "auth.change_token_invalid");
    let second = mailed(&world, "second@example.net").await;
    assert_eq!(confirm(&world, &second).await.expect(200).text_at("/email"), "second@example.net");
}

#[tokio::test]
async fn a_link_of_yesterday_is_too_old() {
    let world = World::start().await;
    let ada = client(&world, ADA).await;
    let _ = order(&ada, NEW).await.expect(202);
    let token = mailed(&world, NEW).await;
    world.time.advance(Duration::from_secs(24 * 3600));
    confirm(&world, &token).await.expect_problem(422, "auth.change_token_expired");
    for wrong in ["", "made-up", &"a".repeat(43)] {
        let _ = confirm(&world, wrong).await.expect(422);
    }
    let _ = world.login(ADA, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn whether_an_address_has_an_account_is_told_to_its_owner_alone() {
    let world = World::start().await;
    let ada = client(&world, ADA).await;
    let eve = client(&world, "eve@example.org").await;
    let free = order(&eve, "free@example.org").await;
    mailed(&world, "free@example.org").await;
    let taken = order(&eve, "ADA@example.org").await;
    assert_eq!((free.status, &free.json), (taken.status, &taken.json));
    world.mail_of_kind(ADA, "already_registered").await;
    world.jobs_done().await;
    assert!(!kinds(&world, ADA).contains(&"change_email".to_owned()));
    assert_eq!(world.count("mails WHERE kind = 'change_email' AND state = 'SUPPRESSED'").await, 1);
    assert_eq!(ada.get("/api/v1/auth/me").await.expect(200).text_at("/email"), ADA);
}

#[tokio::test]
async fn an_address_that_found_another_owner_meanwhile_is_taken() {
    let world = World::start().await;
    let ada = client(&world, ADA).await;
    let _ = order(&ada, "late@example.org").await.expect(202);
    let token = mailed(&world, "late@example.org").await;
    world.register("late@example.org").await;
    let verification = world.mail_of_kind("late@example.org", "verify_email").await;
    let body = json!({"token": verification["token"]});
    let _ = world.anon().post("/api/v1/auth/verify-email", body).await.expect(200);
    for _ in 0..2 {
        confirm(&world, &token).await.expect_problem(409, "auth.email_taken");
    }
    let _ = world.login(ADA, PASSWORD).await.expect(200);
    assert_eq!(world.count("users").await, 2);
}

#[tokio::test]
async fn who_never_proved_an_address_does_not_keep_it_from_who_does() {
    let world = World::start().await;
    let ada = client(&world, ADA).await;
    world.register_with("squat@example.org", "whatever the squatter chose").await;
    world.mail_of_kind("squat@example.org", "verify_email").await;
    let _ = order(&ada, "squat@example.org").await.expect(202);
    let token = mailed(&world, "squat@example.org").await;
    let _ = confirm(&world, &token).await.expect(200);
    let _ = world.login("squat@example.org", PASSWORD).await.expect(200);
    assert_eq!(world.count("users").await, 1);
}

#[tokio::test]
async fn of_many_who_use_one_link_one_succeeds() {
    let world = World::start().await;
    let ada = client(&world, ADA).await;
    let _ = order(&ada, NEW).await.expect(202);
    let token = mailed(&world, NEW).await;
    let attempts = futures_util::future::join_all((0..5).map(|_| confirm(&world, &token))).await;
    let mut statuses: Vec<_> = attempts.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422, 422, 422, 422]);
}

#[tokio::test]
async fn of_two_accounts_that_prove_one_address_at_once_one_gets_it() {
    let world = World::start().await;
    let mut tokens = Vec::new();
    for email in [ADA, "eve@example.org"] {
        let client = client(&world, email).await;
        let _ = order(&client, NEW).await.expect(202);
        world.jobs_done().await;
        tokens.push(mailed(&world, NEW).await);
    }
    assert_ne!(tokens[0], tokens[1]);
    let (one, other) = tokio::join!(confirm(&world, &tokens[0]), confirm(&world, &tokens[1]));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(world.count("users WHERE email_key = 'augusta@example.net'").await, 1);
}

#[tokio::test]
async fn it_takes_a_fresh_proof_and_an_address_that_is_another_one() {
    let world = World::start().await;
    let ada = client(&world, ADA).await;
    for wrong in ["ada@example.org", "ADA@Example.org"] {
        let answer = order(&ada, wrong).await.expect_problem(422, "validation.failed");
        assert_eq!(answer.text_at("/errors/0/pointer"), "/newEmail");
    }
    let answer = order(&ada, "no address").await.expect_problem(422, "validation.failed");
    assert_eq!(answer.text_at("/errors/0/pointer"), "/newEmail");
    let key = ada.post("/api/v1/api-keys", json!({"name": "ci", "scopes": ["write"]})).await.expect(201);
    let _ = order(&world.anon().with_api_key(key.text_at("/key")), NEW).await.expect(403);
    let _ = order(&world.anon(), NEW).await.expect(401);
    world.time.advance(Duration::from_secs(11 * 60));
    order(&ada, NEW).await.expect_problem(403, "access.step_up_required");
    assert_eq!(world.count("email_changes").await, 0);
}

#[tokio::test]
async fn nobody_is_bombed_by_several_accounts_together() {
    let world = World::start().await;
    for n in 0..4 {
        let client = client(&world, &format!("bomber{n}@example.org")).await;
        for _ in 0..2 {
            let _ = order(&client, "victim@example.net").await.expect(202);
            world.jobs_done().await;
        }
    }
    let mails = kinds(&world, "victim@example.net").len();
    assert!((1..=5).contains(&mails), "{mails}");
}

#[tokio::test]
async fn the_page_asks_first_and_then_takes_the_click() {
    let world = World::start().await;
    let ada = client(&world, ADA).await;
    let _ = order(&ada, NEW).await.expect(202);
    let token = mailed(&world, NEW).await;
    let page = world.anon().get(&format!("{CONFIRM}?token={token}")).await.expect(200);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let submit = async || {
        let anon = world.anon();
        let request = anon.request(Method::POST, &format!("{CONFIRM}/submit"));
        anon.send(request.form(&[("token", token.as_str())])).await
    };
    let _ = submit().await.expect(200);
    let _ = submit().await.expect(422);
    let _ = world.login(NEW, PASSWORD).await.expect(200);
}
