//! Somebody else's row is indistinguishable from one that does not exist (invariants 2 and 6).

use serde_json::Value;
use witan_ids::{RoleId, StartupId, UserId, WorkspaceId};
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService};

use crate::{acquaint, describe, join, settle};

const BIND_WORKSPACE: &str = "SELECT set_config('witan.workspace_id', $1, true)";

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_start_up_answers_like_none() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let foreign = describe(&ada, "Secret").await;
    let nothing = StartupId::generate(service.clock()).to_string();
    let [of_ada, of_nobody] = [&foreign, &nothing].map(|id| format!("/api/v1/startups/{id}"));
    let of_ada = grace.get(&of_ada).await.expect(404);
    let of_nobody = grace.get(&of_nobody).await.expect(404);
    assert_eq!(of_ada.comparable(&foreign), of_nobody.comparable(&nothing));
    assert_eq!(grace.get("/api/v1/startups").await.expect(200).json["data"], Value::Array(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_workspace_answers_like_none() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let grace = grace.in_no_workspace();
    let (foreign, nothing) =
        (ada.workspace().to_string(), WorkspaceId::generate(service.clock()).to_string());
    for tail in ["", "/members", "/roles"] {
        let of_ada = grace.get(&format!("/api/v1/workspaces/{foreign}{tail}")).await.expect(404);
        let of_nobody = grace.get(&format!("/api/v1/workspaces/{nothing}{tail}")).await.expect(404);
        assert_eq!(of_ada.comparable(&foreign), of_nobody.comparable(&nothing));
    }
    let change = serde_json::json!({ "name": "Taken" });
    grace.patch(&format!("/api/v1/workspaces/{foreign}"), change).await.expect(404);
    let own = ada.get(&format!("/api/v1/workspaces/{foreign}")).await.expect(200);
    assert_eq!(own.text_at("/name"), "Ada's workspace");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workspace_header_selects_and_never_authorises() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let intruder = grace.clone().in_workspace(ada.workspace());
    intruder.get("/api/v1/startups").await.expect_problem(404, "access.workspace_not_found");
    let path = format!("/api/v1/workspaces/{}", ada.workspace());
    grace.clone().in_no_workspace().get(&path).await.expect(404);
    intruder.get(&path).await.expect(404);
    // The header must not disagree with the path either.
    let disagreeing = ada.clone().in_workspace(grace.workspace());
    disagreeing.get(&path).await.expect_problem(400, "request.header_invalid");
}

/// As the service's own role: nothing without a workspace, and within one only what is its own.
#[tokio::test(flavor = "multi_thread")]
async fn row_level_security_holds_without_any_where() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    describe(&ada, "Secret").await;
    describe(&grace, "Own").await;
    let mut connection = service.database().app("tenancy").await.unwrap();
    let own = grace.workspace().uuid().to_string();
    for person in [&ada, &grace] {
        let roles = format!("/api/v1/workspaces/{}/roles", person.workspace());
        let role = serde_json::json!({ "name": "Editor", "permissions": ["startups:read"] });
        person.post(&roles, role).await.expect(201);
    }
    for table in ["workspaces", "members", "startups", "roles"] {
        let all = format!("SELECT workspace_id::text FROM {table}");
        assert!(connection.query(&all, &[]).await.unwrap().is_empty(), "{table} without a workspace");
        let tx = connection.transaction().await.unwrap();
        tx.execute(BIND_WORKSPACE, &[&own]).await.unwrap();
        let seen: Vec<String> = tx.query(&all, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
        assert_eq!(seen, std::slice::from_ref(&own), "{table}");
        let touched = format!("UPDATE {table} SET updated_at = updated_at");
        assert_eq!(tx.execute(&touched, &[]).await.unwrap(), 1, "{table}");
        assert_eq!(tx.execute(&format!("DELETE FROM {table}"), &[]).await.unwrap(), 1, "{table}");
        tx.rollback().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_addresses_are_seen_by_fellows_only() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    join(&service, grace.workspace(), "Joan", ("MEMBER", "ACTIVE")).await;
    let mut connection = service.database().app("tenancy").await.unwrap();
    let everybody = "SELECT name FROM people ORDER BY name";
    assert!(connection.query(everybody, &[]).await.unwrap().is_empty());
    let tx = connection.transaction().await.unwrap();
    tx.execute(BIND_WORKSPACE, &[&grace.workspace().uuid().to_string()]).await.unwrap();
    let seen: Vec<String> = tx.query(everybody, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(seen, ["Grace", "Joan"]);
    assert_eq!(
        tx.execute("UPDATE people SET name = 'Eve'", &[]).await.unwrap(),
        0,
        "not even a fellow writes"
    );
    assert_eq!(tx.execute("DELETE FROM people", &[]).await.unwrap(), 0);
    tx.rollback().await.unwrap();
    let members = format!("/api/v1/workspaces/{}/members", ada.workspace());
    assert_eq!(ada.get(&members).await.expect(200).text_at("/data/0/name"), "Ada");
}

/// What a person may see across workspaces is theirs alone, and nothing of it can be changed that way.
#[tokio::test(flavor = "multi_thread")]
async fn a_bound_person_sees_their_own_places_and_changes_none() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    describe(&ada, "Secret").await;
    let mut connection = service.database().app("tenancy").await.unwrap();
    let tx = connection.transaction().await.unwrap();
    let user = grace.user.unwrap().uuid().to_string();
    tx.execute("SELECT set_config('witan.user_id', $1, true)", &[&user]).await.unwrap();
    for (table, rows) in [("workspaces", 1), ("members", 1), ("startups", 0)] {
        let seen = tx.query(&format!("SELECT FROM {table}"), &[]).await.unwrap();
        assert_eq!(seen.len(), rows, "{table}");
        let touched = format!("UPDATE {table} SET updated_at = updated_at");
        assert_eq!(tx.execute(&touched, &[]).await.unwrap(), 0, "{table}");
        assert_eq!(tx.execute(&format!("DELETE FROM {table}"), &[]).await.unwrap(), 0, "{table}");
    }
}

/// Wherever the id of a member or of a role is taken.
#[tokio::test(flavor = "multi_thread")]
async fn foreign_members_and_roles_answer_like_none() {
    let service = TestService::<Tenancy>::start().await;
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let joan = join(&service, grace.workspace(), "Joan", ("MEMBER", "ACTIVE")).await;
    let of = |person: &Client, tail: &str| format!("/api/v1/workspaces/{}/{tail}", person.workspace());
    acquaint(&service, &grace, &ada).await;
    let editor = serde_json::json!({ "name": "Editor", "permissions": ["startups:read"] });
    let foreign = ada.post(&of(&ada, "roles"), editor).await.expect(201).text_at("/id");
    let nothing = RoleId::generate(service.clock()).to_string();
    let joan = of(&grace, &format!("members/{}", joan.user.unwrap()));
    let mut answers = Vec::new();
    for id in [&foreign, &nothing] {
        let role = of(&grace, &format!("roles/{id}"));
        let listed = of(&grace, &format!("members?role={id}"));
        let added = serde_json::json!({ "userId": ada.user.unwrap(), "role": id });
        answers.push([
            grace.get(&role).await.expect(404).comparable(id),
            grace.patch(&role, serde_json::json!({ "name": "Taken" })).await.expect(404).comparable(id),
            grace.delete(&role).await.expect(404).comparable(id),
            grace.get(&listed).await.expect(200).comparable(id),
            grace.patch(&joan, serde_json::json!({ "role": id })).await.expect(422).comparable(id),
            grace.post(&of(&grace, "members"), added).await.expect(422).comparable(id),
        ]);
    }
    assert_eq!(answers[0], answers[1]);

    let (foreign, nothing) = (ada.user.unwrap().to_string(), UserId::generate(service.clock()).to_string());
    let mut answers = Vec::new();
    for id in [&foreign, &nothing] {
        let (member, user) = (of(&grace, &format!("members/{id}")), format!("/api/v1/admin/users/{id}"));
        let mut found = vec![
            grace.get(&member).await.expect(404).comparable(id),
            grace.patch(&member, serde_json::json!({ "role": "ADMIN" })).await.expect(404).comparable(id),
            grace.delete(&member).await.expect(404).comparable(id),
            grace.get(&user).await.expect(404).comparable(id),
        ];
        for path in [format!("{member}/activate"), format!("{member}/deactivate")] {
            found.push(grace.post(&path, ()).await.expect(404).comparable(id));
        }
        for what in ["activate", "deactivate", "promote", "demote"] {
            found.push(grace.post(&format!("{user}/{what}"), ()).await.expect(404).comparable(id));
        }
        answers.push(found);
    }
    assert_eq!(answers[0], answers[1]);
    let kept = ada.get(&of(&ada, "roles")).await.expect(200);
    assert_eq!(
        (kept.text_at("/data/0/name"), kept.json["data"].as_array().unwrap().len()),
        ("Editor".into(), 1)
    );
    assert_eq!(ada.get(&of(&ada, &format!("members/{foreign}"))).await.expect(200).text_at("/role"), "ADMIN");
}
