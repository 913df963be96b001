//! The link by which who holds its secret becomes a member.

use futures_util::future::join_all;
use serde_json::{Value, json};
use witan_ids::UserId;
use witan_testkit::Client;

use crate::dns::DnsServer;
use crate::domains::open;
use crate::invitations::{DAY, again, invite, start, time};
use crate::{join, settle};

const JOIN: &str = "/api/v1/join";
const LOOK_UP: &str = "/api/v1/join/look-up";

fn path(person: &Client) -> String {
    format!("/api/v1/workspaces/{}/join-link", person.workspace())
}

async fn make(person: &Client, max_uses: i32) -> String {
    let body = json!({"maxUses": max_uses, "expiresInDays": 14});
    person.put(&path(person), body).await.expect(200).text_at("/token")
}

async fn members(person: &Client) -> usize {
    let page = person.get(&format!("/api/v1/workspaces/{}/members?limit=100", person.workspace())).await;
    page.expect(200).json["data"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_is_made_shown_changed_rotated_and_removed() {
    let service = start(&time(), &[]).await;
    let mut events = service.events().await;
    let ada = settle(&service, "Ada").await;
    let path = path(&ada);
    ada.get(&path).await.expect_problem(404, "resource.not_found");
    ada.post(&format!("{path}/rotate"), ()).await.expect_problem(404, "resource.not_found");
    let first = make(&ada, 5).await;
    assert_eq!(events.next_of("join_link.changed").await.data["change"], "JOIN_LINK_CREATED");
    let shown = ada.get(&path).await.expect(200);
    assert_eq!(
        (&shown.json["token"], &shown.json["expiresAt"]),
        (&Value::Null, &json!("2026-09-03T09:00:00Z"))
    );
    let changed = ada.put(&path, json!({"maxUses": 7, "expiresInDays": 1})).await.expect(200);
    assert_eq!((&changed.json["token"], &changed.json["maxUses"]), (&Value::Null, &json!(7)));
    let found = service.anon().post(LOOK_UP, json!({"token": first})).await.expect(200);
    assert_eq!(found.text_at("/workspaceName"), "Ada's workspace");
    let second = ada.post(&format!("{path}/rotate"), ()).await.expect(200).text_at("/token");
    let joan = settle(&service, "Joan").await;
    for token in [first.as_str(), "nonsense"] {
        joan.post(JOIN, json!({"token": token})).await.expect_problem(422, "tenancy.join_link_invalid");
        joan.post(LOOK_UP, json!({"token": token})).await.expect_problem(422, "tenancy.join_link_invalid");
    }
    service.anon().post(JOIN, json!({"token": second})).await.expect(401);
    let joined = joan.post(JOIN, json!({"token": second})).await.expect(200);
    assert_eq!(joined.text_at("/role"), "MEMBER");
    let there = joan.clone().in_workspace(ada.workspace());
    assert_eq!(members(&there).await, 2, "let in at once");
    joan.post(JOIN, json!({"token": second})).await.expect_problem(409, "tenancy.member_exists");
    assert_eq!(ada.get(&path).await.expect(200).json["uses"], 1);
    for _ in 0..2 {
        ada.delete(&path).await.expect(204);
    }
    ada.post(JOIN, json!({"token": second})).await.expect_problem(422, "tenancy.join_link_invalid");
    assert_eq!(members(&ada).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_thirty_who_join_at_once_as_many_get_in_as_may() {
    let service = start(&time(), &[]).await;
    let ada = settle(&service, "Ada").await;
    let token = make(&ada, 4).await;
    let people: Vec<Client> =
        (0..30).map(|_| service.person(UserId::generate(service.clock()), None)).collect();
    let all = join_all(people.iter().map(|person| person.post(JOIN, json!({"token": token})))).await;
    assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 4);
    for answer in all.into_iter().filter(|answer| answer.status != 200) {
        answer.expect_problem(409, "tenancy.join_link_used_up");
    }
    assert_eq!((members(&ada).await, &ada.get(&path(&ada)).await.expect(200).json["uses"]), (5, &json!(4)));
    service
        .anon()
        .post(LOOK_UP, json!({"token": token}))
        .await
        .expect_problem(409, "tenancy.join_link_used_up");
    // Rotating counts anew.
    let token = ada.post(&format!("{}/rotate", path(&ada)), ()).await.expect(200).text_at("/token");
    people[0].post(LOOK_UP, json!({"token": token})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_ends_it_and_who_was_deactivated_does_not_come_back() {
    let time = time();
    let service = start(&time, &[]).await;
    let ada = settle(&service, "Ada").await;
    let token = make(&ada, 4).await;
    let away = join(&service, ada.workspace(), "Away", ("MEMBER", "INACTIVE")).await;
    away.post(JOIN, json!({"token": token})).await.expect_problem(403, "tenancy.member_inactive");
    time.advance(14 * DAY);
    let (ada, joan) = (again(&service, &ada), settle(&service, "Joan").await);
    for asked in [JOIN, LOOK_UP] {
        joan.post(asked, json!({"token": token})).await.expect_problem(410, "tenancy.join_link_expired");
    }
    assert_eq!((members(&ada).await, &ada.get(&path(&ada)).await.expect(200).json["uses"]), (2, &json!(0)));
    ada.put(&path(&ada), json!({"maxUses": 4, "expiresInDays": 1})).await.expect(200);
    joan.post(JOIN, json!({"token": token})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_manages_members_has_to_do_with_it() {
    let service = start(&time(), &[]).await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let token = make(&ada, 4).await;
    let (path, body) = (path(&ada), json!({"maxUses": 1, "expiresInDays": 1}));
    bob.get(&path).await.expect_problem(403, "access.permission_denied");
    bob.put(&path, &body).await.expect_problem(403, "access.permission_denied");
    bob.delete(&path).await.expect_problem(403, "access.permission_denied");
    let stranger = grace.clone().in_no_workspace();
    stranger.get(&path).await.expect_problem(404, "access.workspace_not_found");
    stranger.put(&path, &body).await.expect_problem(404, "access.workspace_not_found");
    stranger.delete(&path).await.expect_problem(404, "access.workspace_not_found");
    for (field, value) in
        [("maxUses", 0), ("maxUses", 10_001), ("expiresInDays", 0), ("expiresInDays", 366), ("uses", 0)]
    {
        let mut body = body.clone();
        body[field] = json!(value);
        ada.put(&path, body).await.expect_problem(422, "validation.failed");
    }
    assert_eq!(ada.get(&path).await.expect(200).json["maxUses"], 4);
    let connection = service.database().app("tenancy").await.unwrap();
    assert!(connection.query("SELECT FROM join_links", &[]).await.unwrap().is_empty());
    let superuser = service.database().superuser().await.unwrap();
    let shown = format!("SELECT FROM tenancy.join_links t WHERE strpos(t::text, '{token}') > 0");
    assert!(superuser.query(&shown, &[]).await.unwrap().is_empty(), "its secret is kept nowhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_joins_what_will_be_deleted() {
    let dns = DnsServer::start().await;
    let service = start(&time(), &[("TENANCY_DNS_SERVERS", &dns.address.to_string())]).await;
    let ada = settle(&service, "Ada").await;
    let token = make(&ada, 4).await;
    let id = invite(&ada, "joan@example.org", "MEMBER").await;
    open(&dns, &ada, "example.org").await;
    let joan = settle(&service, "Joan").await.in_no_workspace();
    let export = ada.get(&format!("/api/v1/workspaces/{}/export", ada.workspace())).await.expect(200);
    let told: Value = serde_json::from_str(&export.text).unwrap();
    let told = told["tenancy"].as_array().unwrap();
    for kind in ["joinLink", "domain", "invitation"] {
        assert_eq!(told.iter().filter(|line| line["kind"] == kind).count(), 1, "{kind}");
    }
    assert!(!export.text.contains("digest") && !export.text.contains(&token));
    let awaits = format!(
        "UPDATE tenancy.workspaces SET deletion_requested_at = now(), deletion_requested_by = created_by,
            deletion_due_at = now() + interval '30 days' WHERE workspace_id = '{}'",
        ada.workspace().uuid()
    );
    service.database().superuser().await.unwrap().batch_execute(&awaits).await.unwrap();
    let refused = "access.workspace_deletion_pending";
    joan.post(JOIN, json!({"token": token})).await.expect_problem(403, refused);
    joan.post(&format!("/api/v1/invitations/{id}/accept"), ()).await.expect_problem(403, refused);
    let by_domain = format!("/api/v1/workspaces/{}/join-by-domain", ada.workspace());
    joan.post(&by_domain, ()).await.expect_problem(404, "access.workspace_not_found");
    let resolved = joan.post("/api/v1/workspaces/resolve", ()).await.expect(200);
    assert_eq!(resolved.json["workspace"], Value::Null);
    assert_eq!(joan.get("/api/v1/invitations").await.expect(200).json["data"], json!([]));
}
