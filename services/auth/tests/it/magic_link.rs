//! Log-ins by a mailed link.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use witan_testkit::Answer;

use crate::world::World;

const ADA: &str = "ada@example.org";
const LINK: &str = "/api/v1/auth/magic-link";
const INVALID: &str = "auth.magic_link_invalid";
const HOME: &str = "http://127.0.0.1:8080";

async fn order(world: &World, email: &str) -> Answer {
    world.anon().post(LINK, json!({"email": email})).await.expect(202)
}

/// The token of a mail that lets Ada in.
async fn mailed(world: &World) -> String {
    order(world, ADA).await;
    world.mail_of_kind(ADA, "magic_link").await["token"].as_str().unwrap().to_owned()
}

async fn redeem(world: &World, token: &str) -> Answer {
    world.anon().post(&format!("{LINK}/redeem"), json!({"token": token})).await
}

async fn submit(world: &World, token: &str, header: (&str, &str)) -> Answer {
    let anon = world.anon();
    let request = anon.request(Method::POST, &format!("{LINK}/submit")).header(header.0, header.1);
    anon.send(request.form(&[("token", token)])).await
}

#[tokio::test]
async fn a_link_logs_in_once_and_says_how() {
    let world = World::start().await;
    let ada = world.person(ADA).await;
    let token = mailed(&world).await;
    let tokens = redeem(&world, &token).await.expect(200);
    let (_, claims) = world.verify(&tokens.text_at("/accessToken")).await;
    assert_eq!((claims.sub, claims.amr), (ada, vec!["mail".to_owned()]));
    assert_eq!(world.audited("LOGIN_SUCCESS").await["details"]["methods"], "mail");
    redeem(&world, &token).await.expect_problem(422, INVALID);
    redeem(&world, "made-up").await.expect_problem(422, INVALID);
    assert_eq!(world.count("sessions").await, 1);
}

#[tokio::test]
async fn of_many_who_use_one_link_one_gets_in() {
    let world = World::start().await;
    world.person(ADA).await;
    let token = mailed(&world).await;
    let attempts = (0..20).map(|_| async { redeem(&world, &token).await.status });
    let statuses = futures_util::future::join_all(attempts).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(world.count("sessions").await, 1);
}

#[tokio::test]
async fn a_link_of_ten_minutes_ago_is_too_old() {
    let world = World::start().await;
    world.person(ADA).await;
    let token = mailed(&world).await;
    world.time.advance(Duration::from_secs(600));
    redeem(&world, &token).await.expect_problem(422, "auth.magic_link_expired");
    let _ = submit(&world, &token, ("origin", HOME)).await.expect(422);
    assert_eq!(world.count("sessions").await, 0);
}

#[tokio::test]
async fn a_newer_link_makes_the_older_one_worthless() {
    let world = World::start().await;
    world.person(ADA).await;
    let old = mailed(&world).await;
    order(&world, ADA).await;
    world.jobs_done().await;
    let links = world.mails(ADA).into_iter().filter(|mail| mail["kind"] == "magic_link");
    let tokens: Vec<String> = links.map(|mail| mail["token"].as_str().unwrap().to_owned()).collect();
    let new = tokens.iter().find(|token| **token != old).unwrap();
    redeem(&world, &old).await.expect_problem(422, INVALID);
    let _ = redeem(&world, new).await.expect(200);
}

#[tokio::test]
async fn only_open_accounts_are_mailed_and_nobody_is_bombed_or_told_apart() {
    let world = World::start().await;
    world.person(ADA).await;
    world.person("closed@example.org").await;
    world.register("pending@example.org").await;
    world
        .sql("UPDATE users SET state = 'DEACTIVATED', deactivated_at = now() WHERE email_key LIKE 'closed%'")
        .await;
    let known = order(&world, ADA).await;
    for other in ["closed@example.org", "pending@example.org", "absent@example.org"] {
        assert_eq!(order(&world, other).await.json, known.json);
    }
    for _ in 0..20 {
        order(&world, ADA).await;
    }
    world.jobs_done().await;
    let links = |to: &str| world.mails(to).iter().filter(|mail| mail["kind"] == "magic_link").count();
    assert!((1..=5).contains(&links(ADA)), "{}", links(ADA));
    assert_eq!(links("closed@example.org") + links("pending@example.org") + links("absent@example.org"), 0);
    world.anon().post(LINK, json!({"email": "nobody"})).await.expect_problem(422, "validation.failed");
}

#[tokio::test]
async fn a_link_of_an_account_that_was_closed_since_lets_nobody_in() {
    let world = World::start().await;
    world.person(ADA).await;
    let token = mailed(&world).await;
    world.sql("UPDATE users SET state = 'DEACTIVATED', deactivated_at = now()").await;
    redeem(&world, &token).await.expect_problem(422, INVALID);
    assert_eq!(world.count("sessions").await, 0);
}

#[tokio::test]
async fn a_link_is_good_for_what_it_was_mailed_for_alone() {
    let world = World::start().await;
    world.person(ADA).await;
    let token = mailed(&world).await;
    let body = json!({"token": token, "newPassword": "an entirely different passphrase"});
    let reset = world.anon().post("/api/v1/auth/reset-password", body).await;
    reset.expect_problem(422, "auth.reset_token_invalid");
    world.anon().post("/api/v1/auth/request-password-reset", json!({"email": ADA})).await.expect(202);
    let reset = world.mail_of_kind(ADA, "reset_password").await["token"].as_str().unwrap().to_owned();
    redeem(&world, &reset).await.expect_problem(422, INVALID);
    let _ = redeem(&world, &token).await.expect(200);
}

#[tokio::test]
async fn the_page_asks_first_and_its_button_logs_the_browser_in() {
    let world = World::start().await;
    world.person(ADA).await;
    let token = mailed(&world).await;
    for _ in 0..2 {
        let page = world.anon().get(&format!("{LINK}?token={token}")).await.expect(200);
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
    }
    let evil = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("origin", "null")];
    for header in evil {
        submit(&world, &token, header).await.expect_problem(403, "access.origin_refused");
    }
    let landed = submit(&world, &token, ("sec-fetch-site", "same-origin")).await.expect(303);
    assert_eq!(landed.header("location"), format!("{HOME}/"));
    let set: Vec<_> = landed.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
    assert_eq!(set.len(), 4, "access, refresh, CSRF and the device: {set:?}");
    let _ = submit(&world, &token, ("sec-fetch-site", "same-origin")).await.expect(422);
}
