use std::time::Duration;

use serde_json::json;

use crate::world::{PASSWORD, World};

const VERIFY: &str = "/api/v1/auth/verify-email";

#[tokio::test]
async fn a_token_opens_the_account_once() {
    let world = World::start().await;
    world.register("ada@example.org").await;
    let token = world.token("ada@example.org").await;
    let answer = world.anon().post(VERIFY, json!({"token": token})).await.expect(200);
    assert_eq!(answer.json["email"], "ada@example.org");
    assert_eq!(answer.json["state"], "ACTIVE");
    let event = world.event("user.verified").await;
    assert_eq!(event["userId"], answer.json["userId"]);
    assert_eq!(event["name"], "ada");

    let again = world.anon().post(VERIFY, json!({"token": token})).await;
    again.expect_problem(422, "auth.verification_token_invalid");
    let _ = world.login("ada@example.org", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn opening_the_link_redeems_nothing() {
    let world = World::start().await;
    world.register("ada@example.org").await;
    let token = world.token("ada@example.org").await;
    for _ in 0..3 {
        let page = world.anon().get(&format!("{VERIFY}?token={token}")).await.expect(200);
        assert!(page.header("content-type").starts_with("text/html"));
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert!(page.text.contains(&token) && page.text.contains("method=\"post\""));
    }
    assert_eq!(world.count("users WHERE state = 'ACTIVE'").await, 0);
}

#[tokio::test]
async fn the_page_does_not_run_what_is_in_its_address() {
    let world = World::start().await;
    let page = world.anon().get(&format!("{VERIFY}?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")).await;
    assert!(!page.expect(200).text.contains("<script>"));
}

#[tokio::test]
async fn the_pages_button_redeems() {
    let world = World::start().await;
    world.register("ada@example.org").await;
    let token = world.token("ada@example.org").await;
    let submit = || {
        let request = world.anon().request(reqwest::Method::POST, "/api/v1/auth/verify-email/submit");
        let form = format!("token={token}");
        request.header("content-type", "application/x-www-form-urlencoded").body(form)
    };
    let page = world.anon().send(submit()).await.expect(200);
    assert!(page.text.contains("You can log in now."));
    let again = world.anon().send(submit()).await.expect(422);
    assert!(again.header("content-type").starts_with("text/html"));
    let _ = world.login("ada@example.org", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let world = World::start().await;
    for token in ["x".to_owned(), "A".repeat(43), "é".repeat(43)] {
        let answer = world.anon().post(VERIFY, json!({"token": token})).await;
        answer.expect_problem(422, "auth.verification_token_invalid");
    }
    let _ = world.anon().post(VERIFY, json!({})).await.expect(422);
    let _ = world.anon().get(VERIFY).await.expect(400);
}

#[tokio::test]
async fn a_token_works_for_a_day() {
    let world = World::start().await;
    world.register("ada@example.org").await;
    let token = world.token("ada@example.org").await;
    world.time.advance(Duration::from_secs(24 * 3600));
    let answer = world.anon().post(VERIFY, json!({"token": token})).await;
    answer.expect_problem(422, "auth.verification_token_expired");
    assert_eq!(world.count("users WHERE state = 'ACTIVE'").await, 0);
    assert_eq!(world.count("email_tokens").await, 1);
}

#[tokio::test]
async fn of_many_at_once_one_redeems() {
    let world = World::start().await;
    world.register("ada@example.org").await;
    let token = world.token("ada@example.org").await;
    let attempts =
        (0..10).map(|_| async { world.anon().post(VERIFY, json!({"token": &token})).await.status.as_u16() });
    let statuses = futures_util::future::join_all(attempts).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 422].contains(status)), "{statuses:?}");
}

/// Pre-account hijack (better-auth GHSA-qq9h-g4jm-xgf3): whoever registers first must not keep a key.
#[tokio::test]
async fn the_link_opens_the_account_with_the_password_of_its_own_registration() {
    let world = World::start().await;
    let (mallory, owner) = ("the password of mallory", "the password of the owner");
    world.register_with("ada@example.org", mallory).await;
    let early = world.token("ada@example.org").await;
    world.register_with("ada@example.org", owner).await;
    let late = world.mail_after(&early).await;

    let _ = world.anon().post(VERIFY, json!({"token": late})).await.expect(200);
    let _ = world.login("ada@example.org", owner).await.expect(200);
    assert_ne!(world.login("ada@example.org", mallory).await.status, 200);
    let spent = world.anon().post(VERIFY, json!({"token": early})).await;
    spent.expect_problem(422, "auth.verification_token_invalid");
}

#[tokio::test]
async fn another_mail_can_be_had_while_it_is_needed() {
    let world = World::start().await;
    let resend = async |email: &str| {
        world.anon().post("/api/v1/auth/resend-verification", json!({"email": email})).await.expect(202)
    };
    world.register("ada@example.org").await;
    let first = world.token("ada@example.org").await;
    resend("ADA@example.org").await;
    let second = world.mail_after(&first).await;
    let _ = world.anon().post(VERIFY, json!({"token": second})).await.expect(200);

    resend("ada@example.org").await;
    resend("nobody@example.org").await;
    world.jobs_done().await;
    assert_eq!(world.mails("ada@example.org").len(), 2);
    assert!(world.mails("nobody@example.org").is_empty());
    let _ = world.anon().post("/api/v1/auth/resend-verification", json!({"email": "x"})).await.expect(422);
}
