//! Adding somebody of another workspace of one's own.

use serde_json::json;
use witan_events::contracts::audit::v1::AuditRecorded;
use witan_events::contracts::auth::v1::UserDeactivated;
use witan_events::contracts::tenancy::v1::MemberAdded;
use witan_ids::UserId;
use witan_tenancy::Tenancy;
use witan_testkit::{TestService, eventually};

use crate::{acquaint, join, settle};

#[tokio::test(flavor = "multi_thread")]
async fn a_known_person_is_added_by_address_or_by_id() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let (grace, joan) = (settle(&service, "Grace").await, settle(&service, "Joan").await);
    acquaint(&service, &ada, &grace).await;
    acquaint(&service, &ada, &joan).await;
    let path = format!("/api/v1/workspaces/{}/members", ada.workspace());
    let there = grace.clone().in_workspace(ada.workspace());
    there.get("/api/v1/startups").await.expect(404);
    let mut events = service.events().await;
    let added = ada.post(&path, json!({ "email": " GRACE@Example.ORG " })).await.expect(201);
    assert_eq!((added.text_at("/role"), added.text_at("/name")), ("MEMBER".into(), "Grace".into()));
    let place = added.header("location").to_owned();
    assert_eq!(ada.get(&place).await.expect(200).json, added.json);
    there.get("/api/v1/startups").await.expect(200);
    let (_, event) = events.next::<MemberAdded>().await;
    assert_eq!((event.user_id, event.role.as_str()), (grace.user.unwrap().to_string(), "MEMBER"));
    let (_, entry) = events.next::<AuditRecorded>().await;
    assert_eq!((entry.action.as_str(), entry.details["role"].as_str()), ("MEMBER_ADDED", "MEMBER"));

    let body = json!({ "userId": joan.user.unwrap(), "role": "ADMIN" });
    assert_eq!(ada.post(&path, &body).await.expect(201).text_at("/role"), "ADMIN");
    ada.post(&path, &body).await.expect_problem(409, "tenancy.member_exists");
    ada.post(&path, json!({ "email": "ada@example.org" })).await.expect_problem(409, "tenancy.member_exists");
    // What they had before is theirs still.
    grace.get("/api/v1/startups").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_open_account_is_to_be_invited() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    acquaint(&service, &ada, &grace).await;
    let path = format!("/api/v1/workspaces/{}/members", ada.workspace());
    let unknown = UserId::generate(service.clock());
    for body in [json!({ "email": "nobody@example.org" }), json!({ "userId": unknown })] {
        ada.post(&path, &body).await.expect_problem(404, "tenancy.person_unknown");
    }
    let user_id = grace.user.unwrap().to_string();
    service.tell(None, &user_id, &UserDeactivated { user_id: user_id.clone(), suspended: false }).await;
    let gone = async || {
        let answer = ada.post(&path, json!({ "userId": user_id })).await;
        if answer.status == 201 {
            ada.delete(answer.header("location")).await.expect(204);
        }
        answer.status == 404
    };
    eventually("her account is closed", gone).await;
    ada.post(&path, json!({ "email": "grace@example.org" }))
        .await
        .expect_problem(404, "tenancy.person_unknown");
    for body in [
        json!({}),
        json!({ "email": "ada" }),
        json!({ "email": "x@example.org", "userId": unknown }),
        json!({ "userId": "wsp_01h455vb4pex5vsknk084sn02q" }),
        json!({ "email": "x@example.org", "role": "OWNER" }),
    ] {
        ada.post(&path, &body).await.expect_problem(422, "validation.failed");
    }
    assert_eq!(ada.get(&path).await.expect(200).json["data"].as_array().unwrap().len(), 1);
}

/// Whoever makes a workspace would otherwise learn which addresses have accounts, and the names of strangers.
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_with_an_account_is_as_unknown_as_one_without() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let path = format!("/api/v1/workspaces/{}/members", ada.workspace());
    let nobody = UserId::generate(service.clock()).to_string();
    let user = grace.user.unwrap().to_string();
    let pairs = [("email", "grace@example.org", "nobody@example.org"), ("userId", &*user, &*nobody)];
    for (member, somebody, nobody) in pairs {
        let foreign = ada.post(&path, json!({ member: somebody })).await;
        let unknown = ada.post(&path, json!({ member: nobody })).await;
        assert_eq!(foreign.comparable(somebody), unknown.comparable(nobody));
        foreign.expect_problem(404, "tenancy.person_unknown");
    }
    // Nor does a place count that the asker may no longer use.
    acquaint(&service, &ada, &grace).await;
    let database = service.database().superuser().await.unwrap();
    let shared = "UPDATE tenancy.members SET status = 'INACTIVE' WHERE user_id = $1::text::uuid AND workspace_id <> $2::text::uuid";
    let ids = [ada.user.unwrap().uuid().to_string(), ada.workspace().uuid().to_string()];
    let _ = database.execute(shared, &[&ids[0], &ids[1]]).await.unwrap();
    ada.post(&path, json!({ "userId": user })).await.expect_problem(404, "tenancy.person_unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_adds_nobody_and_nobody_adds_from_outside() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    let path = format!("/api/v1/workspaces/{}/members", ada.workspace());
    let body = json!({ "userId": grace.user.unwrap() });
    bob.post(&path, &body).await.expect_problem(403, "access.permission_denied");
    let outsider = grace.clone().in_no_workspace();
    outsider.post(&path, &body).await.expect_problem(404, "access.workspace_not_found");
    service.anon().post(&path, &body).await.expect(401);
    assert_eq!(ada.get(&path).await.expect(200).json["data"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_add_the_same_person_one_does() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    acquaint(&service, &ada, &grace).await;
    let path = format!("/api/v1/workspaces/{}/members", ada.workspace());
    let body = json!({ "userId": grace.user.unwrap() });
    let calls = (0..10).map(|_| ada.post(&path, &body));
    let answers = futures_util::future::join_all(calls).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| answer.json["code"] == "tenancy.member_exists").count();
    assert_eq!((made, refused), (1, 9));
}

/// A closing that nobody could see yet when the member was written down.
#[tokio::test(flavor = "multi_thread")]
async fn who_joins_while_their_account_closes_does_not_act() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let (user, place) = (grace.user.unwrap(), ada.workspace().uuid().to_string());
    let mut database = service.database().superuser().await.unwrap();
    let joining = database.transaction().await.unwrap();
    let insert = "INSERT INTO tenancy.members VALUES ($1::text::uuid, $2::text::uuid, 'ADMIN', 'ACTIVE', now(), now())";
    joining.execute(insert, &[&place, &user.uuid().to_string()]).await.unwrap();
    let closed = UserDeactivated { user_id: user.to_string(), suspended: false };
    service.tell(None, &closed.user_id.clone(), &closed).await;
    let watch = service.database().superuser().await.unwrap();
    eventually("the closing waits", async || {
        let waiting = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        watch.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 1
    })
    .await;
    joining.commit().await.unwrap();
    let member = format!("/api/v1/workspaces/{}/members/{user}", ada.workspace());
    let status = async || ada.get(&member).await.expect(200).text_at("/status");
    eventually("she does not act", async || status().await == "INACTIVE").await;
}
