//! What is removed when nobody can use it any longer, and what stays.

use std::time::Duration;

use serde_json::json;
use witan_testkit::{Answer, eventually};

use crate::world::{PASSWORD, World};

const ADA: &str = "ada@example.org";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Lets a pass begin now, and waits until it is over.
async fn purge(world: &World) {
    let over = "periodic_jobs WHERE name = 'auth.purge' AND next_at > '2026-02-01' AND lease_token IS NULL";
    world.until("the pass of the start", over, 1).await;
    world.sql("UPDATE periodic_jobs SET next_at = '2026-01-01' WHERE name = 'auth.purge'").await;
    world.until("a pass", over, 1).await;
}

async fn refresh(world: &World, session: &Answer) -> Answer {
    let body = json!({"refreshToken": session.text_at("/refreshToken")});
    world.anon().post("/api/v1/auth/refresh", body).await
}

#[tokio::test]
async fn an_account_that_nobody_proves_is_gone_after_a_week() {
    let world = World::start().await;
    world.person("proved@example.org").await;
    world.register("again@example.org").await;
    world.register(ADA).await;
    let token = world.token(ADA).await;
    world.jobs_done().await;
    world.time.advance(6 * DAY);
    world.register("again@example.org").await;
    purge(&world).await;
    assert_eq!(world.count("users").await, 3);

    world.time.advance(DAY + Duration::from_secs(1));
    purge(&world).await;
    assert_eq!(world.count(&format!("users WHERE email_key = '{ADA}'")).await, 0);
    assert_eq!(world.count("users").await, 2);
    assert_eq!(world.count("registrations").await, 1, "the newest of the address that was registered again");
    let late = world.anon().post("/api/v1/auth/verify-email", json!({"token": token})).await;
    late.expect_problem(422, "auth.verification_token_invalid");
    let _ = world.login("proved@example.org", PASSWORD).await.expect(200);
    // The address is as free as one that never had an account.
    let seen = world.mails(ADA).len();
    world.register(ADA).await;
    let verification = eventually("another link", async || world.mails(ADA).get(seen).cloned()).await;
    let body = json!({"token": verification["token"]});
    let _ = world.anon().post("/api/v1/auth/verify-email", body).await.expect(200);
}

#[tokio::test]
async fn sessions_stay_while_a_reused_token_must_be_recognised() {
    let world = World::start().await;
    let first = world.session(ADA).await;
    let mut newest = first;
    let spent = refresh(&world, &newest).await.expect(200);
    newest = refresh(&world, &spent).await.expect(200);
    for _ in 0..4 {
        world.time.advance(6 * DAY);
        newest = refresh(&world, &newest).await.expect(200);
    }
    purge(&world).await;
    refresh(&world, &spent).await.expect_problem(401, "auth.refresh_token_reused");
    refresh(&world, &newest).await.expect_problem(401, "auth.refresh_token_invalid");
}

#[tokio::test]
async fn sessions_are_gone_a_month_after_their_end_whatever_it_was() {
    let world = World::start().await;
    let left = world.session(ADA).await;
    let _ = world.login(ADA, PASSWORD).await.expect(200);
    let client = world.with_token(&left.text_at("/accessToken"));
    client.post("/api/v1/auth/logout", ()).await.expect(204);
    world.time.advance(29 * DAY);
    purge(&world).await;
    assert_eq!(world.count("sessions").await, 2);
    world.time.advance(2 * DAY);
    let live = world.login(ADA, PASSWORD).await.expect(200);
    purge(&world).await;
    assert_eq!(world.count("sessions WHERE revoked_at IS NOT NULL").await, 0, "the one that was left");
    assert_eq!(world.count("sessions").await, 2);
    world.time.advance(6 * DAY + DAY / 2);
    let live = refresh(&world, &live).await.expect(200);
    purge(&world).await;
    assert_eq!(world.count("sessions").await, 1, "the one that lay idle");
    let _ = refresh(&world, &live).await.expect(200);
}

#[tokio::test]
async fn a_link_is_told_from_one_that_never_was_for_a_week() {
    let world = World::start().await;
    world.person(ADA).await;
    let body = json!({"email": ADA});
    let _ = world.anon().post("/api/v1/auth/request-password-reset", body).await.expect(202);
    let token = world.mail_of_kind(ADA, "reset_password").await["token"].as_str().unwrap().to_owned();
    let reset = async || {
        let body = json!({"token": token, "newPassword": "an entirely different passphrase"});
        world.anon().post("/api/v1/auth/reset-password", body).await
    };
    world.time.advance(7 * DAY);
    purge(&world).await;
    reset().await.expect_problem(422, "auth.reset_token_expired");
    world.time.advance(2 * DAY);
    purge(&world).await;
    reset().await.expect_problem(422, "auth.reset_token_invalid");
    assert_eq!(world.count("email_tokens").await, 0);
}

#[tokio::test]
async fn mails_and_wishes_are_remembered_for_as_long_as_is_set() {
    let world = World::start_with(|builder| builder.env("AUTH_MAILS_KEPT", "10d")).await;
    let session = world.session(ADA).await;
    let client = world.with_token(&session.text_at("/accessToken"));
    let body = json!({"newEmail": "augusta@example.net"});
    let _ = client.post("/api/v1/users/me/email", body).await.expect(202);
    world.jobs_done().await;
    let (mails, wishes) = (world.count("mails").await, world.count("email_changes").await);
    assert!(mails >= 3 && wishes == 1, "{mails} mails, {wishes} wishes");
    world.time.advance(11 * DAY);
    world.sql("UPDATE mails SET created_at = '2026-08-22' WHERE kind = 'change_email'").await;
    purge(&world).await;
    assert_eq!((world.count("mails").await, world.count("email_changes").await), (1, 1));
    world.time.advance(20 * DAY);
    purge(&world).await;
    assert_eq!(world.count("email_changes").await, 0);
}

#[tokio::test]
async fn more_than_a_batch_goes_in_one_pass_and_what_somebody_holds_is_left() {
    let world = World::start().await;
    world
        .sql(
            "INSERT INTO users (id, email, email_key, name, state, created_at, updated_at)
             SELECT gen_random_uuid(), n || '@example.org', n || '@example.org', 'x', 'PENDING_VERIFY',
                    '2026-08-01', '2026-08-01' FROM generate_series(1, 1200) n",
        )
        .await;
    let holder = world.service.database().superuser().await.unwrap();
    holder
        .batch_execute("BEGIN; SELECT FROM auth.users WHERE email = '7@example.org' FOR UPDATE")
        .await
        .unwrap();
    purge(&world).await;
    assert_eq!(world.count("users").await, 1);
    holder.batch_execute("ROLLBACK").await.unwrap();
    purge(&world).await;
    assert_eq!(world.count("users").await, 0);
}
