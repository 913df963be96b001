//! The secret with which traits are signed, and how the receiver is doing.

use std::time::Duration;

use serde_json::{Value, json};
use witan_chat::Chat;
use witan_clock::ManualClock;
use witan_testkit::{TestService, eventually};

use crate::traits::{HEALTH, Sender, TRAITS, receiver};
use crate::{PERSONAS, chat, persona};

#[tokio::test(flavor = "multi_thread")]
async fn it_is_shown_once_and_kept_sealed() {
    let service = chat().await;
    let (admin, member) = (service.admin(), service.member());
    assert_eq!(receiver(&admin).await["state"], "OFF");
    for refused in [
        member.post(&format!("{TRAITS}/secret"), json!({})).await,
        member.delete(&format!("{TRAITS}/secret")).await,
        member.get(HEALTH).await,
    ] {
        refused.expect_problem(403, "access.permission_denied");
    }
    let sender = Sender::new(&service, &admin).await;
    assert!(sender.secret.starts_with("whsec_"));
    let health = receiver(&admin).await;
    assert_eq!((&health["state"], health["secrets"].as_array().unwrap().len()), (&json!("READY"), 1));
    assert_eq!(health["path"], format!("{TRAITS}?workspaceId={}", service.workspace));
    assert!(!health.to_string().contains("whsec_"));
    let stored = service.database().superuser().await.unwrap();
    let row = stored.query_one("SELECT encode(sealed, 'base64') FROM chat.trait_secrets", &[]).await.unwrap();
    let sealed: String = row.get(0);
    assert!(!sealed.contains(&sender.secret["whsec_".len()..]));
    let other = receiver(&service.other_workspace()).await;
    assert_eq!((&other["state"], &other["secrets"]), (&json!("OFF"), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_one_holds_until_the_overlap_ends() {
    let time = ManualClock::at("2026-11-21T12:00:00Z".parse().unwrap());
    let service = TestService::<Chat>::start_with(|builder| builder.clock(time.clock())).await;
    let admin = service.admin();
    persona(&admin, "Maren", json!({ "kind": "MODEL" })).await;
    let body = |about: &str| json!({ "name": "Maren", "about": about });
    let mut first = Sender::new(&service, &admin).await;
    let mut second = Sender::new(&service, &admin).await;
    first.send("evt-1", body("one")).await.expect(202);
    second.send("evt-2", body("two")).await.expect(202);
    time.advance(Duration::from_secs(24 * 3600));
    (first.now, second.now) = (time.clock().now().timestamp(), time.clock().now().timestamp());
    // Tokens have ended meanwhile.
    let admin = service.admin();
    first.send("evt-3", body("three")).await.expect_problem(401, "inbound.signature_invalid");
    second.send("evt-4", body("four")).await.expect(202);
    assert_eq!(receiver(&admin).await["secrets"].as_array().unwrap().len(), 1);

    // One that has leaked ends at once, and so does the one before it.
    let replaced = admin.post(&format!("{TRAITS}/secret"), json!({ "overlapSeconds": 0 })).await.expect(200);
    assert!(replaced.json["previousSecretExpiresAt"].is_string());
    let made = service.other_workspace().post(&format!("{TRAITS}/secret"), json!({})).await.expect(200);
    assert_eq!(made.json["previousSecretExpiresAt"], Value::Null, "there was none before");
    second.send("evt-5", body("five")).await.expect_problem(401, "inbound.signature_invalid");
    let third = Sender::new(&service, &admin).await;
    third.send("evt-6", body("six")).await.expect(202);
    admin.delete(&format!("{TRAITS}/secret")).await.expect(204);
    third.send("evt-7", body("seven")).await.expect_problem(401, "inbound.signature_invalid");
    admin.delete(&format!("{TRAITS}/secret")).await.expect_problem(404, "resource.not_found");
    assert_eq!(receiver(&admin).await["state"], "OFF");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_replace_it_at_once_nobody_gets_a_secret_that_does_not_hold() {
    let service = chat().await;
    let admin = service.admin();
    persona(&admin, "Maren", json!({ "kind": "MODEL" })).await;
    let path = format!("{TRAITS}/secret");
    let all = futures_util::future::join_all((0..8).map(|_| admin.post(&path, json!({})))).await;
    let made: Vec<_> = all.iter().filter(|answer| answer.status == 200).collect();
    assert!(!made.is_empty());
    assert!(all.iter().all(|answer| [200, 409].contains(&answer.status.as_u16())));
    let stored = service.database().superuser().await.unwrap();
    let current = "SELECT count(*) FROM chat.trait_secrets WHERE expires_at IS NULL";
    let current: i64 = stored.query_one(current, &[]).await.unwrap().get(0);
    assert_eq!(current, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_told_and_done_when_it_is_sent_again() {
    let service = chat().await;
    let admin = service.admin();
    let made = persona(&admin, "Maren", json!({ "kind": "MODEL" })).await;
    let sender = Sender::new(&service, &admin).await;
    // The persona goes between the answer and the work.
    let mut database = service.database().superuser().await.unwrap();
    let held = database.transaction().await.unwrap();
    held.batch_execute("DELETE FROM chat.personas").await.unwrap();
    let body = json!({ "name": "Maren", "about": "Changed" });
    sender.send("evt-1", body.clone()).await.expect(202);
    held.commit().await.unwrap();
    eventually("it failed", async || receiver(&admin).await["failed"] == 1).await;
    let health = receiver(&admin).await;
    assert_eq!((&health["pending"], &health["lastProcessedAt"]), (&json!(0), &Value::Null));
    assert!(health["lastError"].as_str().unwrap().contains("Maren"));
    admin.get(&format!("{PERSONAS}/{}", made["id"].as_str().unwrap())).await.expect(404);

    let made = persona(&admin, "Maren", json!({ "kind": "MODEL" })).await;
    assert_eq!(sender.send("evt-1", body).await.expect(202).json["repeated"], false);
    let path = format!("{PERSONAS}/{}", made["id"].as_str().unwrap());
    eventually("it is done", async || admin.get(&path).await.expect(200).json["about"] == "Changed").await;
    assert_eq!(receiver(&admin).await["failed"], 0);
}
