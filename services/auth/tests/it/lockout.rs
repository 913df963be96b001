//! Guessing at passwords.

use std::time::Duration;

use serde_json::json;
use witan_testkit::Answer;

use crate::world::{PASSWORD, World};

const ADA: &str = "ada@example.org";
const WRONG: &str = "not the password at all";
const HOME: &str = "203.0.113.7";
const ELSEWHERE: &str = "198.51.100.9";
const QUARTER: Duration = Duration::from_secs(15 * 60);

async fn guess(world: &World, address: &str, times: usize) {
    for _ in 0..times {
        let answer = world.login_from(address, ADA, WRONG, "").await;
        answer.expect_problem(401, "auth.invalid_credentials");
    }
}

/// What a browser would send back.
fn device(answer: &Answer) -> String {
    let set = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let device = set.map(|text| text.split(';').next().unwrap()).find(|text| text.contains("witan_device"));
    device.unwrap().to_owned()
}

async fn is_let_in(world: &World, address: &str, cookie: &str) -> bool {
    match world.login_from(address, ADA, PASSWORD, cookie).await {
        answer if answer.status == 200 => true,
        answer => {
            answer.expect_problem(401, "auth.invalid_credentials");
            false
        }
    }
}

#[tokio::test]
async fn five_failures_lock_for_a_quarter_of_an_hour_and_longer_the_next_time() {
    let world = World::start().await;
    world.person(ADA).await;
    for locked_for in [QUARTER, QUARTER * 2] {
        guess(&world, HOME, 5).await;
        assert!(!is_let_in(&world, HOME, "").await);
        world.time.advance(locked_for - Duration::from_secs(1));
        assert!(!is_let_in(&world, HOME, "").await, "a right password neither counts nor clears meanwhile");
        world.time.advance(Duration::from_secs(1));
    }
    assert!(is_let_in(&world, HOME, "").await);
    guess(&world, HOME, 4).await;
    assert!(is_let_in(&world, HOME, "").await, "a success forgets what failed before");
}

#[tokio::test]
async fn the_lock_holds_for_the_network_that_guessed_and_nobody_else() {
    let world = World::start().await;
    world.person(ADA).await;
    world.person("eve@example.org").await;
    guess(&world, HOME, 5).await;
    assert!(!is_let_in(&world, "203.0.113.200", "").await, "the same network");
    assert!(is_let_in(&world, ELSEWHERE, "").await);
    let other = world.login_from(HOME, "eve@example.org", PASSWORD, "").await;
    let _ = other.expect(200);
}

#[tokio::test]
async fn a_known_device_keeps_access_while_strangers_guess_from_everywhere() {
    let world = World::start().await;
    world.person(ADA).await;
    let known = device(&world.login_from(HOME, ADA, PASSWORD, "").await.expect(200));
    for network in 0..25 {
        guess(&world, &format!("198.51.{network}.1"), 4).await;
    }
    assert!(!is_let_in(&world, "192.0.2.1", "").await, "strangers are slowed down wherever they are");
    guess(&world, HOME, 5).await;
    assert!(is_let_in(&world, HOME, &known).await);
    world.time.advance(Duration::from_secs(30));
    assert!(is_let_in(&world, "192.0.2.1", "").await, "slowed down, not kept out");
}

#[tokio::test]
async fn a_device_has_a_counter_of_its_own_and_serves_its_account_alone() {
    let world = World::start().await;
    world.person(ADA).await;
    world.person("eve@example.org").await;
    let evil = device(&world.login_from(HOME, "eve@example.org", PASSWORD, "").await.expect(200));
    let known = device(&world.login_from(HOME, ADA, PASSWORD, "").await.expect(200));
    for _ in 0..5 {
        world.login_from(HOME, ADA, WRONG, &known).await.expect_problem(401, "auth.invalid_credentials");
    }
    assert!(!is_let_in(&world, HOME, &known).await);
    assert!(is_let_in(&world, HOME, "").await, "its failures are not the network's");
    guess(&world, HOME, 5).await;
    assert!(!is_let_in(&world, HOME, &evil).await);
    let forged = format!("{}=AAAA", known.split('=').next().unwrap());
    assert!(!is_let_in(&world, HOME, &forged).await);
}

#[tokio::test]
async fn a_lock_outlives_a_restart_and_holds_in_every_replica() {
    let mut world = World::start().await;
    world.person(ADA).await;
    guess(&world, HOME, 5).await;
    assert!(world.service.halt().await);
    world.service.resume().await.unwrap();
    assert!(!is_let_in(&world, HOME, "").await);
}

#[tokio::test]
async fn without_redis_the_process_counts() {
    let world = World::start_with(|builder| builder.env("REDIS_URL", "redis://127.0.0.1:1")).await;
    world.person(ADA).await;
    guess(&world, HOME, 5).await;
    assert!(!is_let_in(&world, HOME, "").await);
    assert!(is_let_in(&world, ELSEWHERE, "").await);
}

#[tokio::test]
async fn addresses_without_an_account_lock_as_well_and_nothing_shows() {
    let world = World::start().await;
    world.person(ADA).await;
    let mut seen = Vec::new();
    for email in [ADA, "absent@example.org"] {
        let mut answers = Vec::new();
        for _ in 0..7 {
            let answer = world.login_from(HOME, email, WRONG, "").await;
            answers.push((
                answer.status.as_u16(),
                answer.json["code"].clone(),
                answer.headers.contains_key("retry-after"),
            ));
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
    world.jobs_done().await;
    assert_eq!(world.mails("absent@example.org").len(), 0);
}

#[tokio::test]
async fn the_owner_hears_of_it_once_and_so_do_auditors() {
    let world = World::start().await;
    let user = world.person(ADA).await;
    guess(&world, HOME, 8).await;
    let entry = world.audited("LOGIN_FAILED").await;
    assert_eq!((entry["outcome"].as_str(), entry["actorId"].as_str()), (Some("FAILURE"), Some("")));
    assert_eq!(
        (entry["subjectId"].as_str(), entry["ip"].as_str()),
        (Some(user.to_string().as_str()), Some(HOME))
    );
    let entry = world.audited("ACCOUNT_LOCKED").await;
    assert_eq!(entry["subjectId"], user.to_string());
    world.mail_of_kind(ADA, "security_notice").await;
    world.jobs_done().await;
    assert_eq!(world.mails(ADA).iter().filter(|mail| mail["kind"] == "security_notice").count(), 1);
}

#[tokio::test]
async fn a_reset_opens_the_lock_for_who_reads_the_mail() {
    let world = World::start().await;
    world.person(ADA).await;
    let anon = world.anon();
    let from = |path: &str| anon.request(reqwest::Method::POST, path).header("X-Forwarded-For", HOME);
    guess(&world, HOME, 5).await;
    let order = from("/api/v1/auth/request-password-reset").json(&json!({"email": ADA}));
    let _ = anon.send(order).await.expect(202);
    let token = world.mail_of_kind(ADA, "reset_password").await["token"].clone();
    let reset = from("/api/v1/auth/reset-password")
        .json(&json!({"token": token, "newPassword": "another good passphrase"}));
    anon.send(reset).await.expect(204);
    let answer = world.login_from(HOME, ADA, "another good passphrase", "").await;
    let _ = answer.expect(200);
}

#[tokio::test]
async fn who_holds_a_session_cannot_guess_the_password_either() {
    let world = World::start().await;
    let session = world.session(ADA).await;
    let client = world.with_token(&session.text_at("/accessToken"));
    for _ in 0..5 {
        let answer = client.post("/api/v1/auth/step-up", json!({"password": WRONG})).await;
        answer.expect_problem(403, "auth.password_wrong");
    }
    let answer = client.post("/api/v1/auth/step-up", json!({"password": PASSWORD})).await;
    answer.expect_problem(403, "auth.password_wrong");
    let body = json!({"currentPassword": PASSWORD, "newPassword": "another good passphrase"});
    let answer = client.put("/api/v1/users/me/password", &body).await;
    answer.expect_problem(403, "auth.password_wrong");
    assert!(is_let_in(&world, HOME, "").await, "a log-in is counted apart");
    world.time.advance(QUARTER);
    let fresh = world.login(ADA, PASSWORD).await.expect(200);
    let client = world.with_token(&fresh.text_at("/accessToken"));
    client.put("/api/v1/users/me/password", &body).await.expect(204);
}
