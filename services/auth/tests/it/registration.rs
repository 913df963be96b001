use serde_json::json;

use crate::world::{PASSWORD, World};

const REGISTER: &str = "/api/v1/auth/register";

#[tokio::test]
async fn a_new_address_gets_a_link_and_an_event() {
    let world = World::start().await;
    let answer = world.anon().post(REGISTER, json!({"email": "Ada@Example.org", "password": PASSWORD})).await;
    let answer = answer.expect(202);
    assert_eq!(answer.json.as_object().unwrap().len(), 1, "{}", answer.text);

    let mail = world.mail("Ada@example.org").await;
    assert_eq!(mail["kind"], "verify_email");
    let token = mail["token"].as_str().unwrap();
    assert!(mail["link"].as_str().unwrap().ends_with(&format!("/api/v1/auth/verify-email?token={token}")));

    let event = world.event("user.registered").await;
    assert_eq!(event["email"], "ada@example.org");
    assert_eq!(world.count("users WHERE state = 'PENDING_VERIFY' AND password_hash IS NULL").await, 1);
}

#[tokio::test]
async fn the_token_is_stored_as_its_digest_only() {
    let world = World::start().await;
    world.register("ada@example.org").await;
    let mail = world.mail("ada@example.org").await;
    let token = mail["token"].as_str().unwrap();
    for table in ["email_tokens", "jobs", "mails", "outbox", "registrations"] {
        let rows = world.count(&format!("{table} t WHERE t::text LIKE '%{token}%'")).await;
        assert_eq!(rows, 0, "{table} holds the token");
    }
    assert_eq!(world.count("email_tokens WHERE octet_length(digest) = 32").await, 1);
}

#[tokio::test]
async fn a_taken_address_changes_nothing_and_its_owner_is_told() {
    let world = World::start().await;
    world.person("ada@example.org").await;
    let body = json!({"email": "ADA@example.org", "password": "a quite different passphrase", "name": "Eve"});
    let _ = world.anon().post(REGISTER, body).await.expect(202);

    let mail = world.mail_of_kind("ada@example.org", "already_registered").await;
    assert!(mail["token"].is_null() && mail["link"].is_null());
    let _ = world.login("ada@example.org", PASSWORD).await.expect(200);
    assert_eq!(world.count("users").await, 1);
    assert_eq!(world.count("users WHERE name = 'Eve'").await, 0);
}

#[tokio::test]
async fn every_violation_is_named_and_nothing_is_stored() {
    let world = World::start().await;
    let body = json!({"email": "ada@localhost", "password": PASSWORD, "name": "a\nb"});
    let answer = world.anon().post(REGISTER, body).await.expect(422);
    let pointers: Vec<_> = answer.json["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
    assert_eq!(pointers, ["/email", "/name"]);

    for (body, pointer) in [
        (json!({"email": "ada@example.org", "password": "password1"}), "/password"),
        (json!({"email": "ada@example.org", "password": "ada@example.org"}), "/password"),
        (json!({"email": "ada@example.org", "password": "short"}), "/password"),
        (json!({"email": "ada@example.org", "password": "x".repeat(129)}), "/password"),
        (json!({"email": "ada@example.org"}), "/password"),
        (json!({"email": 1, "password": PASSWORD}), "/email"),
        (json!({"email": "ada@example.org", "password": PASSWORD, "role": "ADMIN"}), "/role"),
    ] {
        let answer = world.anon().post(REGISTER, &body).await.expect(422);
        assert!(answer.text.contains(pointer), "{body}: {}", answer.text);
        assert!(!answer.text.contains(PASSWORD));
    }
    assert_eq!(
        world.count("users").await + world.count("registrations").await + world.count("jobs").await,
        0
    );
}

#[tokio::test]
async fn a_hostile_name_reaches_no_mail() {
    let world = World::start().await;
    let name = "Win a prize at http://evil.example";
    let body = json!({"email": "ada@example.org", "password": PASSWORD, "name": name});
    let _ = world.anon().post(REGISTER, body).await.expect(202);
    world.mail("ada@example.org").await;
    assert!(!world.outbox_text().contains("evil"));
}

#[tokio::test]
async fn nobody_can_flood_a_mailbox() {
    let world = World::start().await;
    for _ in 0..12 {
        world.register("ada@example.org").await;
    }
    world.until("12 mails are settled", "mails WHERE state IN ('SENT', 'SUPPRESSED')", 12).await;
    assert_eq!(world.count("mails WHERE state = 'SENT'").await, 5);
    assert_eq!(world.mails("ada@example.org").len(), 5);
}
