//! How invitations reach auth, which mails them.

use std::time::Duration;

use serde_json::{Value, json};
use witan_events::contracts::auth::v1::UserErasureRequested;
use witan_tenancy::Tenancy;
use witan_testkit::{TestService, eventually};

use crate::invitations::{invite, list_of, ordered, secret, start, time};
use crate::settle;

async fn count(service: &TestService<Tenancy>, rows: &str) -> i64 {
    let database = service.database().superuser().await.unwrap();
    database.batch_execute("SET search_path = tenancy").await.unwrap();
    database.query_one(&format!("SELECT count(*) FROM {rows}"), &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mail_says_who_invites_by_a_proved_address_and_the_secret_is_kept_nowhere() {
    let service = start(&time(), &[]).await;
    let ada = settle(&service, "Ada").await;
    let id = invite(&ada, "joan@example.org", "MEMBER").await;
    let token = secret(&service, "joan@example.org", 0).await;
    let mail = ordered(&service).remove(0);
    assert_eq!(
        mail,
        json!({"kind": "invitation", "dedupeKey": format!("{id}:1"), "recipient": "joan@example.org",
        "secret": token, "inviter": "ada@example.org", "expiresAt": "2026-08-27T09:00:00Z"})
    );
    eventually("forgotten", async || count(&service, "invitations WHERE sealed IS NULL").await == 1).await;
    for table in ["invitations", "jobs", "outbox"] {
        assert_eq!(count(&service, &format!("{table} t WHERE strpos(t::text, '{token}') > 0")).await, 0);
    }
    assert_eq!(count(&service, "jobs j WHERE strpos(j::text, 'example.org') > 0").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_auth_is_away_nothing_is_lost_and_then_it_is_mailed_once() {
    let time = time();
    let service = start(&time, &[]).await;
    let ada = settle(&service, "Ada").await;
    service.peers().set_service_away("auth", true);
    invite(&ada, "joan@example.org", "MEMBER").await;
    eventually("tries", async || ordered(&service).len() == 1).await;
    let waits = "jobs WHERE kind = 'tenancy.invitation-mail' AND state = 'ready' AND last_error IS NOT NULL";
    eventually("put off", async || count(&service, waits).await == 1).await;
    assert_eq!(count(&service, "invitations WHERE sealed IS NOT NULL").await, 1);
    service.peers().set_service_away("auth", false);
    time.advance(Duration::from_secs(60));
    eventually("done", async || count(&service, "jobs WHERE kind = 'tenancy.invitation-mail'").await == 0)
        .await;
    let orders = ordered(&service);
    let keys: Vec<&Value> = orders.iter().map(|order| &order["dedupeKey"]).collect();
    assert!(keys.iter().all(|key| *key == keys[0]), "one key, by which auth mails it once: {keys:?}");
    assert_eq!(orders[0]["secret"], orders.last().unwrap()["secret"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_use_any_longer_is_not_mailed() {
    let time = time();
    let service = start(&time, &[]).await;
    let ada = settle(&service, "Ada").await;
    service.peers().set_service_away("auth", true);
    let id = invite(&ada, "joan@example.org", "MEMBER").await;
    eventually("a try", async || ordered(&service).len() == 1).await;
    ada.delete(&format!("{}/{id}", list_of(&ada))).await.expect(204);
    assert_eq!(count(&service, "invitations WHERE sealed IS NOT NULL").await, 0);
    service.peers().set_service_away("auth", false);
    time.advance(Duration::from_secs(60));
    eventually("done", async || count(&service, "jobs WHERE kind = 'tenancy.invitation-mail'").await == 0)
        .await;
    assert_eq!(ordered(&service).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_told_of_invitations_and_erased_from_them() {
    let service = start(&time(), &[]).await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    invite(&ada, "GRACE@example.org", "MEMBER").await;
    invite(&grace, "joan@example.org", "MEMBER").await;
    let user = grace.user.unwrap();
    let held = service.internal("auth").get(&format!("/internal/users/{user}/held")).await.expect(200);
    let lines: Vec<Value> = held.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<&Value> = lines.iter().filter(|line| line["kind"] == "invitation").collect();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0]["workspaceId"], ada.workspace().to_string());
    assert!(!held.text.contains("digest") && !held.text.contains("sealed"));

    let mut events = service.events().await;
    let event = UserErasureRequested { user_id: user.to_string() };
    service.tell(None, &event.user_id, &event).await;
    events.next_of("user.erased").await;
    assert_eq!(count(&service, "invitations WHERE email_key = 'grace@example.org'").await, 0);
    let text = user.uuid();
    assert_eq!(count(&service, &format!("invitations t WHERE strpos(t::text, '{text}') > 0")).await, 0);
}
