//! The area of those who run a workspace.

use serde_json::{Value, json};
use witan_ids::UserId;
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService};

use crate::{describe, join, settle};

const USERS: &str = "/api/v1/admin/users";

fn at(person: &Client, tail: &str) -> String {
    format!("{USERS}/{}{tail}", person.user.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_listed_as_members_are() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    for number in 0..3 {
        join(&service, ada.workspace(), &format!("Grace {number}"), ("MEMBER", "ACTIVE")).await;
    }
    join(&service, ada.workspace(), "Gone", ("ADMIN", "INACTIVE")).await;
    let members = format!("/api/v1/workspaces/{}/members", ada.workspace());
    for query in ["", "?role=ADMIN", "?status=INACTIVE", "?search=grace&status=ACTIVE", "?search=%25"] {
        let users = ada.get(&format!("{USERS}{query}")).await.expect(200);
        assert_eq!(users.json, ada.get(&format!("{members}{query}")).await.expect(200).json, "{query}");
    }
    let page = ada.get(&format!("{USERS}?search=grace&limit=2")).await.expect(200);
    let cursor = page.text_at("/nextCursor");
    let rest = ada.get(&format!("{USERS}?search=grace&limit=2&cursor={cursor}")).await.expect(200);
    assert_eq!(rest.text_at("/data/0/name"), "Grace 0");
    ada.get(&format!("{members}?search=grace&limit=2&cursor={cursor}"))
        .await
        .expect_problem(400, "request.cursor_invalid");
    ada.get(&format!("{USERS}?role=KING")).await.expect_problem(400, "request.query_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_promoted_demoted_and_taken_out_of_action() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let bob = join(&service, ada.workspace(), "Bob", ("MEMBER", "ACTIVE")).await;
    assert_eq!(ada.get(&at(&bob, "")).await.expect(200).text_at("/name"), "Bob");
    bob.get(USERS).await.expect_problem(403, "access.permission_denied");
    bob.post(&at(&bob, "/promote"), ()).await.expect_problem(403, "access.permission_denied");
    ada.post(&at(&ada, "/demote"), ()).await.expect_problem(409, "tenancy.last_admin");
    ada.post(&at(&ada, "/deactivate"), ()).await.expect_problem(409, "tenancy.last_admin");
    assert_eq!(ada.post(&at(&bob, "/promote"), ()).await.expect(200).text_at("/role"), "ADMIN");
    assert_eq!(bob.post(&at(&ada, "/demote"), ()).await.expect(200).text_at("/role"), "MEMBER");
    ada.get(USERS).await.expect_problem(403, "access.permission_denied");
    assert_eq!(bob.post(&at(&ada, "/deactivate"), ()).await.expect(200).text_at("/status"), "INACTIVE");
    ada.get("/api/v1/startups").await.expect(404);
    assert_eq!(bob.post(&at(&ada, "/activate"), ()).await.expect(200).text_at("/status"), "ACTIVE");
    ada.get("/api/v1/startups").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_users_answer_like_none() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    for user in [ada.user.unwrap(), UserId::generate(service.clock())] {
        grace.get(&format!("{USERS}/{user}")).await.expect_problem(404, "resource.not_found");
        for what in ["activate", "deactivate", "promote", "demote"] {
            let path = format!("{USERS}/{user}/{what}");
            grace.post(&path, ()).await.expect_problem(404, "resource.not_found");
        }
    }
    let intruder = grace.clone().in_workspace(ada.workspace());
    for path in [USERS.to_owned(), at(&ada, ""), "/api/v1/admin/stats".to_owned()] {
        intruder.get(&path).await.expect_problem(404, "access.workspace_not_found");
    }
    service.anon().get(USERS).await.expect(401);
    assert_eq!(ada.get(&at(&ada, "")).await.expect(200).text_at("/role"), "ADMIN");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workspace_is_counted() {
    let now = "2026-11-21T00:30:00Z".parse().unwrap();
    let time = witan_clock::ManualClock::at(now);
    let service = TestService::<Tenancy>::start_with(|builder| builder.clock(time.clock())).await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    for (name, role, status) in [
        ("Bob", "MEMBER", "ACTIVE"),
        ("Eve", "MEMBER", "INACTIVE"),
        ("Joan", "ADMIN", "ACTIVE"),
        ("Old", "MEMBER", "ACTIVE"),
    ] {
        join(&service, ada.workspace(), name, (role, status)).await;
    }
    describe(&ada, "One").await;
    describe(&ada, "Two").await;
    let gone = describe(&ada, "Gone").await;
    ada.delete(&format!("/api/v1/startups/{gone}")).await.expect(204);
    let database = service.database().superuser().await.unwrap();
    let moved = "UPDATE tenancy.members m SET joined_at = $2::text::timestamptz FROM tenancy.people p
        WHERE p.user_id = m.user_id AND p.name = $1";
    for (name, joined) in [
        ("Bob", "2026-11-20T23:59:59Z"),
        ("Eve", "2026-10-23T00:00:00Z"),
        ("Joan", "2026-11-21T00:00:00Z"),
        ("Old", "2026-10-22T23:59:59Z"),
    ] {
        assert_eq!(database.execute(moved, &[&name, &joined]).await.unwrap(), 1);
    }
    let role = json!({ "name": "Editor", "permissions": ["startups:read"] });
    let roles = format!("/api/v1/workspaces/{}/roles", ada.workspace());
    let own = ada.post(&roles, role).await.expect(201).text_at("/id");
    let old = ada.get(&format!("{USERS}?search=old")).await.expect(200).text_at("/data/0/userId");
    let change = format!("/api/v1/workspaces/{}/members/{old}", ada.workspace());
    ada.patch(&change, json!({ "role": own })).await.expect(200);

    let invitations = format!("/api/v1/workspaces/{}/invitations", ada.workspace());
    let invited = json!({ "email": "new@example.org", "role": "MEMBER" });
    ada.post(&invitations, invited).await.expect(201);

    let stats = ada.get("/api/v1/admin/stats").await.expect(200).json;
    let by_role = json!([
        {"role": "ADMIN", "active": 2, "inactive": 0},
        {"role": "MEMBER", "active": 1, "inactive": 1},
        {"role": own, "active": 1, "inactive": 0},
    ]);
    assert_eq!(stats["members"], json!({"total": 5, "active": 4, "inactive": 1, "byRole": by_role}));
    assert_eq!((&stats["startups"], &stats["pendingInvitations"]), (&json!(2), &json!(1)));
    let days = stats["newMembers"].as_array().unwrap();
    assert_eq!(
        (days.len(), &days[0]["day"], &days[29]["day"]),
        (30, &json!("2026-10-23"), &json!("2026-11-21"))
    );
    let came: Vec<&Value> = days.iter().map(|day| &day["members"]).collect();
    assert_eq!((came[0], came[28], came[29]), (&json!(1), &json!(1), &json!(2)));
    assert_eq!(came.iter().map(|count| count.as_i64().unwrap()).sum::<i64>(), 4);
    assert_eq!(grace.get("/api/v1/admin/stats").await.expect(200).json["members"]["total"], 1);
}
