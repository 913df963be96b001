//! What the invited do, and what nobody else can do in their place.

use futures_util::future::join_all;
use serde_json::{Value, json};
use witan_events::contracts::auth::v1::UserEmailChanged;
use witan_ids::{InvitationId, UserId};
use witan_testkit::{Client, eventually};

use crate::invitations::{ACCEPT, DAY, again, invite, list_of, secret, start, time};
use crate::{join, settle};

const OWN: &str = "/api/v1/invitations";
const DECLINE: &str = "/api/v1/invitations/decline";
const LOOK_UP: &str = "/api/v1/invitations/look-up";

async fn members(person: &Client) -> usize {
    let page = person.get(&format!("/api/v1/workspaces/{}/members?limit=100", person.workspace())).await;
    page.expect(200).json["data"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_the_mail_lets_in_whoever_is_logged_in_with_it_once() {
    let service = start(&time(), &[]).await;
    let ada = settle(&service, "Ada").await;
    let joan = settle(&service, "Joan").await;
    let id = invite(&ada, "work@example.net", "ADMIN").await;
    let token = secret(&service, "work@example.net", 0).await;
    let shown = service.anon().post(LOOK_UP, json!({"token": token})).await.expect(200);
    assert_eq!(
        (shown.text_at("/workspaceName"), shown.text_at("/role")),
        ("Ada's workspace".into(), "ADMIN".into())
    );
    let mut events = service.events().await;
    let joined = joan.post(ACCEPT, json!({"token": token})).await.expect(200);
    assert_eq!(joined.text_at("/workspaceId"), ada.workspace().to_string());
    assert_eq!(events.next_of("member.added").await.data["role"], "ADMIN");
    let event = events.next_of("invitation.accepted").await.data;
    assert_eq!((&event["invitationId"], &event["userId"]), (&json!(id), &json!(joan.user.unwrap())));
    let there = joan.clone().in_workspace(ada.workspace());
    assert_eq!(members(&there).await, 2, "let in at once");
    assert_eq!(joan.post(ACCEPT, json!({"token": token})).await.expect(200).json, joined.json);
    let eve = settle(&service, "Eve").await;
    eve.post(ACCEPT, json!({"token": token})).await.expect_problem(409, "tenancy.invitation_settled");
    for path in [DECLINE, LOOK_UP] {
        service
            .anon()
            .post(path, json!({"token": token}))
            .await
            .expect_problem(409, "tenancy.invitation_settled");
    }
    service.anon().post(ACCEPT, json!({"token": token})).await.expect(401);
    assert_eq!(members(&ada).await, 2);
    let kept = ada.get(&format!("{}/{id}", list_of(&ada))).await.expect(200);
    assert_eq!(
        (kept.text_at("/status"), kept.text_at("/acceptedBy")),
        ("ACCEPTED".into(), joan.user.unwrap().to_string())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_who_accept_at_once_one_gets_in() {
    let service = start(&time(), &[]).await;
    let ada = settle(&service, "Ada").await;
    let joan = settle(&service, "Joan").await;
    invite(&ada, "joan@example.org", "MEMBER").await;
    let token = secret(&service, "joan@example.org", 0).await;
    let same = join_all((0..20).map(|_| joan.post(ACCEPT, json!({"token": token})))).await;
    assert!(same.iter().all(|answer| answer.status == 200));
    assert_eq!(members(&ada).await, 2);

    invite(&ada, "many@example.net", "MEMBER").await;
    let token = secret(&service, "many@example.net", 0).await;
    let people: Vec<Client> =
        (0..20).map(|_| service.person(UserId::generate(service.clock()), None)).collect();
    let all = join_all(people.iter().map(|person| person.post(ACCEPT, json!({"token": token})))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in all.into_iter().filter(|answer| answer.status != 200) {
        answer.expect_problem(409, "tenancy.invitation_settled");
    }
    assert_eq!(members(&ada).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proved_address_is_enough_and_any_other_is_nothing() {
    let service = start(&time(), &[]).await;
    let ada = settle(&service, "Ada").await;
    let (joan, eve) = (settle(&service, "Joan").await, settle(&service, "Eve").await);
    let id = invite(&ada, "JOAN@example.org", "MEMBER").await;
    let own = joan.get(OWN).await.expect(200);
    assert_eq!(
        (own.text_at("/data/0/id"), own.text_at("/data/0/workspaceName")),
        (id.clone(), "Ada's workspace".into())
    );
    let stranger = service.person(UserId::generate(service.clock()), None);
    let nothing = InvitationId::generate(service.clock());
    for person in [&eve, &stranger, &ada] {
        assert_eq!(person.get(OWN).await.expect(200).json["data"], json!([]));
        for verb in ["accept", "decline"] {
            let foreign = person.post(&format!("{OWN}/{id}/{verb}"), ()).await;
            let foreign = foreign.expect_problem(404, "resource.not_found");
            let none = person.post(&format!("{OWN}/{nothing}/{verb}"), ()).await.expect(404);
            assert_eq!(foreign.json["detail"], none.json["detail"]);
        }
    }
    service.anon().get(OWN).await.expect(401);
    // The address is Joan's no longer, and then it is Eve's.
    let moved =
        UserEmailChanged { user_id: joan.user.unwrap().to_string(), email: "joan@example.net".into() };
    service.tell(None, &moved.user_id.clone(), &moved).await;
    eventually("moved", async || joan.get(OWN).await.json["data"] == json!([])).await;
    joan.post(&format!("{OWN}/{id}/accept"), ()).await.expect(404);
    let moved = UserEmailChanged { user_id: eve.user.unwrap().to_string(), email: "Joan@example.org".into() };
    service.tell(None, &moved.user_id.clone(), &moved).await;
    eventually("taken over", async || eve.get(OWN).await.json["data"] != json!([])).await;
    eve.post(&format!("{OWN}/{id}/accept"), ()).await.expect(200);
    eve.post(&format!("{OWN}/{id}/accept"), ()).await.expect(200);
    assert_eq!(eve.get(OWN).await.expect(200).json["data"], json!([]));
    assert_eq!(members(&ada).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_ends_it_and_resending_begins_anew_with_another_secret() {
    let time = time();
    let service = start(&time, &[]).await;
    let ada = settle(&service, "Ada").await;
    let id = invite(&ada, "joan@example.org", "MEMBER").await;
    let resend = format!("{}/{id}/resend", list_of(&ada));
    let soon = ada.post(&resend, ()).await.expect_problem(429, "tenancy.invitation_rate");
    assert_eq!(soon.header("retry-after"), "300");
    let first = secret(&service, "joan@example.org", 0).await;
    time.advance(7 * DAY);
    let ada = again(&service, &ada);
    let joan = settle(&service, "Joan").await;
    joan.post(ACCEPT, json!({"token": first})).await.expect_problem(410, "tenancy.invitation_expired");
    joan.post(&format!("{OWN}/{id}/accept"), ()).await.expect_problem(410, "tenancy.invitation_expired");
    service.anon().post(LOOK_UP, json!({"token": first})).await.expect(410);
    assert_eq!(joan.get(OWN).await.expect(200).json["data"], json!([]));
    let answer = ada.post(&resend, ()).await.expect(200);
    assert_eq!(
        (answer.text_at("/status"), answer.text_at("/expiresAt")),
        ("PENDING".into(), "2026-09-03T09:00:00Z".into())
    );
    let second = secret(&service, "joan@example.org", 1).await;
    assert_ne!(first, second);
    for token in [first.as_str(), "nonsense", &"A".repeat(43)] {
        for path in [ACCEPT, DECLINE, LOOK_UP] {
            let refused = joan.post(path, json!({"token": token})).await;
            refused.expect_problem(422, "tenancy.invitation_token_invalid");
        }
    }
    assert_eq!(members(&ada).await, 1);
    joan.post(ACCEPT, json!({"token": second})).await.expect(200);
    ada.post(&resend, ()).await.expect_problem(409, "tenancy.invitation_settled");
    let id = format!("{}/{id}", list_of(&ada));
    ada.delete(&id).await.expect_problem(409, "tenancy.invitation_settled");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_whose_invitation_is_over_can_be_invited_again() {
    let time = time();
    let service = start(&time, &[]).await;
    let ada = settle(&service, "Ada").await;
    let first = invite(&ada, "joan@example.org", "ADMIN").await;
    let token = secret(&service, "joan@example.org", 0).await;
    time.advance(8 * DAY);
    let ada = again(&service, &ada);
    invite(&ada, "joan@example.org", "MEMBER").await;
    let old = format!("{}/{first}", list_of(&ada));
    assert_eq!(ada.get(&old).await.expect(200).text_at("/status"), "EXPIRED");
    ada.post(&format!("{old}/resend"), ()).await.expect_problem(410, "tenancy.invitation_expired");
    let joan = settle(&service, "Joan").await;
    joan.post(ACCEPT, json!({"token": token})).await.expect(410);
    let own = joan.get(OWN).await.expect(200);
    assert_eq!(
        (own.json["data"].as_array().unwrap().len(), own.text_at("/data/0/role")),
        (1, "MEMBER".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_declines_is_no_member_and_who_was_deactivated_does_not_come_back() {
    let service = start(&time(), &[]).await;
    let ada = settle(&service, "Ada").await;
    invite(&ada, "joan@example.org", "MEMBER").await;
    let token = secret(&service, "joan@example.org", 0).await;
    let mut events = service.events().await;
    for _ in 0..2 {
        service.anon().post(DECLINE, json!({"token": token})).await.expect(204);
    }
    events.next_of("invitation.declined").await;
    let joan = settle(&service, "Joan").await;
    let refused = joan.post(ACCEPT, json!({"token": token})).await;
    refused.expect_problem(409, "tenancy.invitation_settled");
    let id = invite(&ada, "joan@example.org", "MEMBER").await;
    joan.post(&format!("{OWN}/{id}/decline"), ()).await.expect(204);
    assert_eq!(members(&ada).await, 1);

    let away = join(&service, ada.workspace(), "Away", ("MEMBER", "INACTIVE")).await;
    invite(&ada, "other@example.net", "ADMIN").await;
    let token = secret(&service, "other@example.net", 0).await;
    let refused = away.post(ACCEPT, json!({"token": token})).await;
    refused.expect_problem(403, "tenancy.member_inactive");
    let refused = ada.post(ACCEPT, json!({"token": token})).await;
    refused.expect_problem(409, "tenancy.member_exists");
    let page = ada.get(&format!("{}?status=PENDING", list_of(&ada))).await.expect(200);
    assert_eq!(page.json["data"].as_array().unwrap().len(), 1, "it still waits");
}

/// Somebody else's invitation is indistinguishable from one that does not exist.
#[tokio::test(flavor = "multi_thread")]
async fn other_workspaces_find_nothing() {
    let service = start(&time(), &[]).await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let id = invite(&ada, "joan@example.org", "MEMBER").await;
    let nothing = InvitationId::generate(service.clock()).to_string();
    for asked in [&id, &nothing] {
        let path = format!("{}/{asked}", list_of(&grace));
        grace.get(&path).await.expect_problem(404, "resource.not_found");
        grace.delete(&path).await.expect_problem(404, "resource.not_found");
        grace.post(&format!("{path}/resend"), ()).await.expect_problem(404, "resource.not_found");
        let foreign = format!("{}/{asked}", list_of(&ada));
        grace.clone().in_no_workspace().get(&foreign).await.expect_problem(404, "access.workspace_not_found");
    }
    assert_eq!(ada.get(&format!("{}/{id}", list_of(&ada))).await.expect(200).text_at("/status"), "PENDING");
    assert_eq!(grace.get(&list_of(&grace)).await.expect(200).json["data"], Value::Array(Vec::new()));

    let mut connection = service.database().app("tenancy").await.unwrap();
    let all = "SELECT email FROM invitations";
    assert!(connection.query(all, &[]).await.unwrap().is_empty());
    let tx = connection.transaction().await.unwrap();
    let bind = "SELECT set_config('witan.email', 'joan@example.org', true)";
    tx.execute(bind, &[]).await.unwrap();
    assert_eq!(tx.query(all, &[]).await.unwrap().len(), 1);
    assert_eq!(tx.query("SELECT name FROM workspaces", &[]).await.unwrap().len(), 1);
    assert!(tx.query("SELECT FROM members", &[]).await.unwrap().is_empty());
    assert_eq!(tx.execute("UPDATE invitations SET status = 'REVOKED'", &[]).await.unwrap(), 0);
    assert_eq!(tx.execute("DELETE FROM invitations", &[]).await.unwrap(), 0);
    tx.rollback().await.unwrap();
}
