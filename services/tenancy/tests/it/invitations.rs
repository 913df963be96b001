//! Inviting people, and what becomes of it.

use std::time::Duration;

use serde_json::{Value, json};
use witan_clock::ManualClock;
use witan_ids::RoleId;
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService, eventually};

use crate::{join, settle};

pub(crate) const ACCEPT: &str = "/api/v1/invitations/accept";
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);

pub(crate) fn time() -> ManualClock {
    ManualClock::at("2026-08-20T09:00:00Z".parse().unwrap())
}

/// A service whose mails are taken.
pub(crate) async fn start(time: &ManualClock, env: &[(&str, &str)]) -> TestService<Tenancy> {
    let service = TestService::<Tenancy>::start_with(|builder| {
        let builder = builder.clock(time.clock()).env("RATE_LIMIT_AUTH", "1000000");
        env.iter().fold(builder, |builder, (name, value)| builder.env(name, *value))
    })
    .await;
    service.peers().answer("POST", "/internal/mails", 200, json!({"new": true}));
    service
}

pub(crate) fn list_of(person: &Client) -> String {
    format!("/api/v1/workspaces/{}/invitations", person.workspace())
}

/// The mails that auth was asked for.
pub(crate) fn ordered(service: &TestService<Tenancy>) -> Vec<Value> {
    let asked = service.peers().asked().into_iter();
    asked.filter(|asked| asked.request == "POST /internal/mails").map(|asked| asked.body).collect()
}

/// The secret of the `n`th mail to an address, the first being 0.
pub(crate) async fn secret(service: &TestService<Tenancy>, to: &str, n: usize) -> String {
    let find = || ordered(service).into_iter().filter(|mail| mail["recipient"] == to).nth(n);
    let mail = eventually("a mail", async || find()).await;
    mail["secret"].as_str().unwrap().to_owned()
}

/// The same person with a token that holds now.
pub(crate) fn again(service: &TestService<Tenancy>, person: &Client) -> Client {
    service.person(person.user.unwrap(), None).in_workspace(person.workspace())
}

pub(crate) async fn invite(person: &Client, email: &str, role: &str) -> String {
    let body = json!({"email": email, "role": role});
    person.post(&list_of(person), body).await.expect(201).text_at("/id")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_made_shown_listed_and_revoked() {
    let time = time();
    let service = start(&time, &[]).await;
    let mut events = service.events().await;
    let ada = settle(&service, "Ada").await;
    let list = list_of(&ada);
    let made = ada.post(&list, json!({"email": "Joan@Example.org", "role": "MEMBER"})).await.expect(201);
    let shown = ada.get(made.header("location")).await.expect(200);
    assert_eq!(shown.json, made.json);
    assert_eq!(shown.json["expiresAt"], "2026-08-27T09:00:00Z");
    assert_eq!(
        (shown.text_at("/status"), shown.text_at("/email")),
        ("PENDING".into(), "Joan@example.org".into())
    );
    let event = events.next_of("invitation.created").await.data;
    assert_eq!((&event["invitationId"], &event["role"]), (&made.json["id"], &json!("MEMBER")));
    assert!(!event.to_string().to_lowercase().contains("joan"), "no address in events");
    assert_eq!(events.next_of("audit.recorded").await.data["action"], "INVITATION_CREATED");

    let token = secret(&service, "Joan@example.org", 0).await;
    let path = format!("{list}/{}", made.text_at("/id"));
    ada.delete(&path).await.expect(204);
    ada.delete(&path).await.expect(204);
    assert_eq!(events.next_of("invitation.revoked").await.data["invitationId"], made.json["id"]);
    let joan = settle(&service, "Joan").await;
    joan.post(ACCEPT, json!({"token": token})).await.expect_problem(409, "tenancy.invitation_settled");
    for (status, found) in [("REVOKED", 1), ("PENDING", 0), ("EXPIRED", 0)] {
        let page = ada.get(&format!("{list}?status={status}")).await.expect(200);
        assert_eq!(page.json["data"].as_array().unwrap().len(), found, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_go_on_where_they_ended_while_others_are_written() {
    let service = start(&time(), &[]).await;
    let ada = settle(&service, "Ada").await;
    for name in ["a", "b", "c"] {
        invite(&ada, &format!("{name}@example.net"), "MEMBER").await;
    }
    let first = ada.get(&format!("{}?limit=2", list_of(&ada))).await.expect(200);
    invite(&ada, "d@example.net", "MEMBER").await;
    let cursor = first.text_at("/nextCursor");
    let rest = ada.get(&format!("{}?limit=2&cursor={cursor}", list_of(&ada))).await.expect(200);
    let emails: Vec<&Value> = [&first, &rest]
        .into_iter()
        .flat_map(|page| page.json["data"].as_array().unwrap())
        .map(|row| &row["email"])
        .collect();
    assert_eq!(emails, ["c@example.net", "b@example.net", "a@example.net"]);
    let other = format!("{}?cursor={cursor}&status=PENDING", list_of(&ada));
    ada.get(&other).await.expect_problem(400, "request.cursor_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let service = start(&time(), &[]).await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    join(&service, ada.workspace(), "Away", ("MEMBER", "INACTIVE")).await;
    let list = list_of(&ada);
    let body = json!({"email": "joan@example.org", "role": "MEMBER"});
    bob.post(&list, &body).await.expect_problem(403, "access.permission_denied");
    bob.get(&list).await.expect_problem(403, "access.permission_denied");
    for email in ["BOB@example.org", "away@EXAMPLE.org", "ada@example.org"] {
        let body = json!({"email": email, "role": "MEMBER"});
        ada.post(&list, body).await.expect_problem(409, "tenancy.member_exists");
    }
    for (field, value) in [
        ("email", json!("nobody")),
        ("email", json!("a@localhost")),
        ("role", json!("OWNER")),
        ("expiresInDays", json!(0)),
        ("expiresInDays", json!(91)),
        ("status", json!("ACCEPTED")),
    ] {
        let mut body = body.clone();
        body[field] = value;
        ada.post(&list, body).await.expect_problem(422, "validation.failed");
    }
    assert_eq!(ada.get(&list).await.expect(200).json["data"], json!([]));
    ada.post(&list, &body).await.expect(201);
    let spelt = json!({"email": "JOAN@Example.ORG", "role": "ADMIN"});
    ada.post(&list, spelt).await.expect_problem(409, "tenancy.invitation_pending");
    secret(&service, "joan@example.org", 0).await;
    assert_eq!(ordered(&service).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_an_address_has_an_account_is_not_told() {
    let service = start(&time(), &[]).await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let mut answers = Vec::new();
    for email in ["grace@example.org", "nobody@example.org"] {
        let answer = ada.post(&list_of(&ada), json!({"email": email, "role": "MEMBER"})).await.expect(201);
        let text = answer.text.replace(&answer.text_at("/id"), "ID").replace(email, "EMAIL");
        answers.push(text);
    }
    assert_eq!(answers[0], answers[1]);
    drop(grace);
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_wait_as_may_also_when_all_are_made_at_once() {
    let time = time();
    let service =
        start(&time, &[("TENANCY_INVITATIONS_PENDING", "3"), ("TENANCY_INVITATIONS_PER_DAY", "5")]).await;
    let ada = settle(&service, "Ada").await;
    let list = list_of(&ada);
    let make = async |name: String| {
        let ada = again(&service, &ada);
        ada.post(&list, json!({"email": format!("{name}@example.net"), "role": "MEMBER"})).await
    };
    let all = futures_util::future::join_all((0..8).map(|n| make(format!("n{n}")))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 201).count(), 3);
    let refused = all.into_iter().find(|answer| answer.status != 201).unwrap();
    refused.expect_problem(409, "tenancy.invitation_limit");
    let page = ada.get(&list).await.expect(200);
    for row in page.json["data"].as_array().unwrap() {
        ada.delete(&format!("{list}/{}", row["id"].as_str().unwrap())).await.expect(204);
    }
    make("x".to_owned()).await.expect(201);
    make("y".to_owned()).await.expect(201);
    let late = make("z".to_owned()).await.expect_problem(429, "tenancy.invitation_rate");
    assert_eq!(late.header("retry-after"), "3600");
    time.advance(DAY);
    make("z".to_owned()).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_forgotten_when_it_has_been_over_for_long() {
    let time = time();
    let service = start(&time, &[("TENANCY_INVITATIONS_KEPT", "10d")]).await;
    let ada = settle(&service, "Ada").await;
    let id = invite(&ada, "joan@example.org", "MEMBER").await;
    let path = format!("{}/{id}", list_of(&ada));
    time.advance(DAY);
    let ada = again(&service, &ada);
    ada.post(&format!("{path}/resend"), ()).await.expect(200);
    time.advance(16 * DAY);
    let database = service.database().superuser().await.unwrap();
    let moved =
        "SELECT count(*) FROM tenancy.jobs WHERE kind = 'tenancy.invitation-forget' AND state = 'ready'
        AND run_at > '2026-09-07T00:00:00Z'";
    eventually("put off", async || database.query_one(moved, &[]).await.unwrap().get::<_, i64>(0) == 1).await;
    let ada = again(&service, &ada);
    assert_eq!(ada.get(&path).await.expect(200).text_at("/status"), "EXPIRED");
    time.advance(2 * DAY);
    let ada = again(&service, &ada);
    eventually("forgotten", async || ada.get(&path).await.status == 404).await;
}

/// A role of the workspace's own.
async fn role(service: &TestService<Tenancy>, person: &Client, permissions: &[&str]) -> RoleId {
    let id = RoleId::generate(service.clock());
    let database = service.database().superuser().await.unwrap();
    let insert = format!(
        "INSERT INTO tenancy.roles (workspace_id, id, name, name_key, permissions, created_at, updated_at)
         VALUES ('{}', '{id}', '{id}', '{id}', $1, now(), now())",
        person.workspace().uuid(),
        id = id.uuid()
    );
    database.execute(&insert, &[&permissions]).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_invites_to_more_than_they_may_themselves() {
    let service = start(&time(), &[]).await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let manager = role(&service, &ada, &["members:manage", "members:read", "chat:read"]).await;
    let reader = role(&service, &ada, &["chat:read"]).await;
    let database = service.database().superuser().await.unwrap();
    let promote = format!(
        "UPDATE tenancy.members SET role = 'CUSTOM', role_id = '{}' WHERE user_id = '{}'",
        manager.uuid(),
        bob.user.unwrap().uuid()
    );
    database.batch_execute(&promote).await.unwrap();
    let list = list_of(&ada);
    for wanted in ["ADMIN", "MEMBER"] {
        let body = json!({"email": "joan@example.org", "role": wanted});
        bob.post(&list, body).await.expect_problem(403, "tenancy.rights_exceeded");
    }
    let id = invite(&bob, "joan@example.org", &reader.to_string()).await;
    let nothing = RoleId::generate(service.clock()).to_string();
    let body = json!({"email": "eve@example.org", "role": nothing});
    ada.post(&list, body).await.expect_problem(422, "validation.failed");
    let high = invite(&ada, "high@example.org", "ADMIN").await;
    let resend = bob.post(&format!("{list}/{high}/resend"), ()).await;
    resend.expect_problem(403, "tenancy.rights_exceeded");

    let joan = settle(&service, "Joan").await;
    let accept = format!("/api/v1/invitations/{id}/accept");
    let joined = joan.post(&accept, ()).await.expect(200);
    assert_eq!(joined.text_at("/role"), reader.to_string());
    let joan = joan.in_workspace(ada.workspace());
    joan.get(&list).await.expect_problem(403, "access.permission_denied");
    // A role may go although somebody was invited to it.
    let lost = role(&service, &ada, &["chat:read"]).await;
    let id = invite(&ada, "grace@example.org", &lost.to_string()).await;
    database.batch_execute(&format!("DELETE FROM tenancy.roles WHERE id = '{}'", lost.uuid())).await.unwrap();
    let grace = settle(&service, "Grace").await;
    let refused = grace.post(&format!("/api/v1/invitations/{id}/accept"), ()).await;
    refused.expect_problem(409, "tenancy.invitation_settled");
}
