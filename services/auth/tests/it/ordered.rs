//! Mails that other services order.

use std::time::Duration;

use serde_json::{Value, json};
use witan_testkit::{Answer, eventually};

use crate::world::World;

const MAILS: &str = "/internal/mails";
const SECRET: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const BOB: &str = "bob@example.org";

fn order(key: &str, recipient: &str) -> Value {
    json!({"kind": "invitation", "dedupeKey": key, "recipient": recipient, "secret": SECRET,
        "inviter": "ada@example.org", "expiresAt": "2026-08-27T09:00:00Z"})
}

async fn ask(world: &World, body: &Value) -> Answer {
    world.internal().post(MAILS, body).await
}

#[tokio::test]
async fn an_invitation_is_mailed_once_however_often_it_is_ordered() {
    let page = "https://app.witan.example/join";
    let world = World::start_with(|builder| builder.env("AUTH_INVITATION_URL", page)).await;
    let body = order("inv_1:1", "Bob@example.org");
    let orders = (0..8).map(|_| ask(&world, &body));
    let answers = futures_util::future::join_all(orders).await;
    let new = answers.into_iter().filter(|answer| answer.json["new"] == true).count();
    assert_eq!(new, 1);
    let mail = world.mail("Bob@example.org").await;
    assert_eq!((&mail["kind"], &mail["token"]), (&json!("invitation"), &json!(SECRET)));
    assert_eq!(mail["link"], format!("{page}#token={SECRET}"));
    assert!(world.outbox_text().contains("ada@example.org invites you"));
    world.until("settled", "mails WHERE state = 'SENT' AND sealed IS NULL", 1).await;
    ask(&world, &body).await.expect(200);
    world.until("no other", "mails", 1).await;
    assert_eq!(world.count("jobs j WHERE strpos(j::text, 'example.org') > 0").await, 0);
}

#[tokio::test]
async fn while_it_waits_its_secret_is_sealed_and_after_its_time_nothing_is_mailed() {
    let url = "smtp://127.0.0.1:1";
    let world = World::start_with(|builder| builder.env("MAIL_OUTBOX_DIR", "").env("SMTP_URL", url)).await;
    ask(&world, &order("inv_1:1", BOB)).await.expect(200);
    world.until("a try", "mails WHERE attempts = 1 AND sealed IS NOT NULL AND state = 'QUEUED'", 1).await;
    for table in ["mails", "jobs", "outbox"] {
        assert_eq!(world.count(&format!("{table} t WHERE strpos(t::text, '{SECRET}') > 0")).await, 0);
    }
    world.time.advance(Duration::from_secs(8 * 24 * 3600));
    world.until("given up", "mails WHERE state = 'SUPPRESSED' AND sealed IS NULL", 1).await;
}

#[tokio::test]
async fn many_orders_do_not_flood_a_mailbox_whatever_its_spelling() {
    let world = World::start().await;
    for number in 0..12 {
        let spelling = if number % 2 == 0 { BOB } else { "BOB@example.org" };
        ask(&world, &order(&format!("inv_{number}:1"), spelling)).await.expect(200);
    }
    world.until("the first five", "mails WHERE state = 'SENT'", 5).await;
    assert_eq!(world.count("mails WHERE state = 'SUPPRESSED' AND sealed IS NULL").await, 7);
    world.time.advance(Duration::from_secs(3601));
    ask(&world, &order("inv_late:1", BOB)).await.expect(200);
    world.until("another hour", "mails WHERE state = 'SENT'", 6).await;
}

#[tokio::test]
async fn what_is_no_order_is_refused_and_changes_nothing() {
    let world = World::start().await;
    for (field, value) in [
        ("recipient", json!("nobody")),
        ("secret", json!("A".repeat(42))),
        ("secret", json!("!".repeat(43))),
        ("dedupeKey", json!("")),
        ("inviter", json!("x y z")),
        ("expiresAt", json!("soon")),
        ("kind", json!("newsletter")),
    ] {
        let mut body = order("inv_1:1", BOB);
        body[field] = value;
        ask(&world, &body).await.expect_problem(422, "validation.failed");
    }
    let person = world.session("ada@example.org").await;
    let person = world.internal_anon().with_token(person.text_at("/accessToken"));
    person.post(MAILS, order("inv_1:1", BOB)).await.expect(401);
    world.anon().post(MAILS, order("inv_1:1", BOB)).await.expect(404);
    assert_eq!(world.count("mails WHERE kind = 'invitation'").await, 0);
}

#[tokio::test]
async fn whose_address_it_is_is_told_of_it_and_administrators_see_it() {
    let root = "root@example.org";
    let world = World::start_with(|builder| builder.env("AUTH_PLATFORM_ADMINS", root)).await;
    ask(&world, &order("inv_1:1", "Bob@example.org")).await.expect(200);
    world.mail_of_kind("Bob@example.org", "invitation").await;
    let session = world.session(root).await;
    let list = world.with_token(&session.text_at("/accessToken"));
    let list = list.get("/api/v1/auth/mails?recipient=bob@example.org").await.expect(200);
    assert_eq!(
        (list.text_at("/data/0/kind"), &list.json["data"][0]["userId"]),
        ("invitation".into(), &Value::Null)
    );
    let bob = world.person(BOB).await;
    let held = eventually("an export", async || {
        let answer =
            world.with_token(&world.login(BOB, crate::world::PASSWORD).await.text_at("/accessToken"));
        let export = answer.get("/api/v1/users/me/export").await;
        (export.status == 200).then_some(export)
    })
    .await;
    assert!(held.text.contains("\"mailKind\":\"invitation\""), "{}", held.text);
    assert!(!held.text.contains(SECRET));
    world
        .sql(&format!(
            "UPDATE users SET state = 'PENDING_DELETION', deletion_due_at = '2026-08-01' WHERE id = '{}'",
            bob.uuid()
        ))
        .await;
    world.time.advance(Duration::from_secs(60));
    world.event("user.erasure_requested").await;
    for service in ["tenancy", "chat", "council", "webhooks"] {
        let report = witan_events::contracts::auth::v1::UserErased {
            user_id: bob.to_string(),
            service: service.to_owned(),
            rows: 0,
        };
        world.service.tell(None, "erasures", &report).await;
    }
    world.until("erased", "mails WHERE lower(recipient) = 'bob@example.org'", 0).await;
}
