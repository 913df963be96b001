//! Feature flags: who sets them, what they say, and that a process knows at once.

use serde_json::{Value, json};
use witan_ids::{UserId, WorkspaceId};
use witan_tenancy::Tenancy;
use witan_testkit::{Client, TestService, eventually};

use crate::settle;

const FLAGS: &str = "/api/v1/feature-flags";

async fn set(root: &Client, key: &str, flag: Value) -> Value {
    root.put(&format!("{FLAGS}/{key}"), flag).await.expect(200).json
}

/// Waits until this caller has the feature, or has it no longer.
async fn has(person: &Client, key: &str, wanted: Option<bool>) {
    eventually(&format!("{key} is {wanted:?}"), async || {
        person.get("/api/v1/features").await.expect(200).json["features"][key].as_bool() == wanted
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_is_set_shown_changed_and_removed() {
    let service = TestService::<Tenancy>::start().await;
    let (root, ada) = (service.platform_admin(), settle(&service, "Ada").await);
    let mut events = service.events().await;
    let made = set(&root, "new.thing", json!({ "enabled": true, "description": "For some" })).await;
    assert_eq!((&made["percentage"], &made["unit"]), (&json!(100), &json!("WORKSPACE")));
    assert_eq!(events.next_of("feature_flag.changed").await.data["key"], "new.thing");
    let entry = events.next_of("audit.recorded").await.data;
    assert_eq!((&entry["action"], &entry["workspaceId"]), (&json!("FEATURE_FLAG_SET"), &json!("")));
    has(&ada, "new.thing", Some(true)).await;
    assert_eq!(root.get(&format!("{FLAGS}/new.thing")).await.expect(200).json, made);

    let changed = set(&root, "new.thing", json!({ "enabled": false })).await;
    assert_eq!((&changed["enabled"], &changed["description"]), (&json!(false), &json!("")), "it is replaced");
    assert_eq!(changed["createdAt"], made["createdAt"]);
    has(&ada, "new.thing", Some(false)).await;

    root.delete(&format!("{FLAGS}/new.thing")).await.expect(204);
    has(&ada, "new.thing", None).await;
    root.delete(&format!("{FLAGS}/new.thing")).await.expect_problem(404, "resource.not_found");
    root.get(&format!("{FLAGS}/new.thing")).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn workspaces_and_people_are_decided_by_name() {
    let service = TestService::<Tenancy>::start().await;
    let root = service.platform_admin();
    let (ada, grace) = (settle(&service, "Ada").await, settle(&service, "Grace").await);
    let only_ada = json!({
        "enabled": true, "percentage": 0, "workspaces": [{ "workspaceId": ada.workspace(), "has": true }],
    });
    set(&root, "new.thing", only_ada).await;
    has(&ada, "new.thing", Some(true)).await;
    has(&grace, "new.thing", Some(false)).await;
    let all_but_ada = json!({
        "enabled": true, "unit": "USER",
        "workspaces": [{ "workspaceId": ada.workspace(), "has": true }],
        "users": [{ "userId": ada.user, "has": false }],
    });
    let shown = set(&root, "new.thing", all_but_ada.clone()).await;
    assert_eq!((&shown["users"], &shown["workspaces"]), (&all_but_ada["users"], &all_but_ada["workspaces"]));
    has(&ada, "new.thing", Some(false)).await;
    has(&grace, "new.thing", Some(true)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_runs_the_installation_sets_flags() {
    let service = TestService::<Tenancy>::start().await;
    let ada = settle(&service, "Ada").await;
    let path = format!("{FLAGS}/new.thing");
    ada.put(&path, json!({ "enabled": true })).await.expect_problem(403, "access.permission_denied");
    ada.get(FLAGS).await.expect(403);
    ada.delete(&path).await.expect(403);
    service.anon().get("/api/v1/features").await.expect(401);
    service.internal("chat").get("/internal/feature-flags").await.expect(200);
    service.internal_anon().get("/internal/feature-flags").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_flags_are_refused_and_change_nothing() {
    let service = TestService::<Tenancy>::start().await;
    let root = service.platform_admin();
    let user = UserId::generate(service.clock());
    let twice = json!([{ "userId": user, "has": true }, { "userId": user, "has": false }]);
    for (key, flag) in [
        ("new.thing", json!({})),
        ("new.thing", json!({ "enabled": true, "percentage": 101 })),
        ("new.thing", json!({ "enabled": true, "percentage": -1 })),
        ("new.thing", json!({ "enabled": true, "unit": "TEAM" })),
        ("new.thing", json!({ "enabled": true, "users": twice })),
        ("new.thing", json!({ "enabled": true, "workspaces": [{ "workspaceId": user, "has": true }] })),
        ("New.Thing", json!({ "enabled": true })),
        (&*"x".repeat(65), json!({ "enabled": true })),
    ] {
        root.put(&format!("{FLAGS}/{key}"), flag).await.expect_problem(422, "validation.failed");
    }
    assert_eq!(root.get(FLAGS).await.expect(200).json["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_at_once_leave_what_one_of_them_said() {
    let service = TestService::<Tenancy>::start().await;
    let root = service.platform_admin();
    let calls = (0..20_u8).map(|number| {
        let (root, user) = (root.clone(), UserId::generate(service.clock()));
        async move {
            let users = json!([{ "userId": user, "has": true }]);
            let flag = json!({ "enabled": true, "percentage": number, "users": users });
            root.put(&format!("{FLAGS}/new.thing"), flag.clone()).await.expect(200);
            flag
        }
    });
    let said = futures_util::future::join_all(calls).await;
    let left = root.get(&format!("{FLAGS}/new.thing")).await.expect(200).json;
    let whole = |flag: &&Value| flag["percentage"] == left["percentage"] && flag["users"] == left["users"];
    assert!(said.iter().any(|flag| whole(&flag)), "a mixture: {left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_go_on_where_they_stopped_and_there_is_an_end() {
    let service = TestService::<Tenancy>::start().await;
    let root = service.platform_admin();
    let database = service.database().superuser().await.unwrap();
    let many = "INSERT INTO tenancy.feature_flags
        SELECT 'flag.' || lpad(n::text, 3, '0'), '', true, 100, 'WORKSPACE', now(), now() FROM generate_series(1, 500) n";
    database.batch_execute(many).await.unwrap();
    let first = root.get(&format!("{FLAGS}?limit=2")).await.expect(200);
    assert_eq!(first.text_at("/data/1/key"), "flag.002");
    let next = format!("{FLAGS}?limit=2&cursor={}", first.text_at("/nextCursor"));
    assert_eq!(root.get(&next).await.expect(200).text_at("/data/0/key"), "flag.003");
    let one_more = root.put(&format!("{FLAGS}/one.more"), json!({ "enabled": true })).await;
    one_more.expect_problem(409, "tenancy.feature_flags_full");
    root.get(&format!("{FLAGS}/one.more")).await.expect(404);
    set(&root, "flag.001", json!({ "enabled": false })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_named_is_told_so() {
    let service = TestService::<Tenancy>::start().await;
    let (root, ada) = (service.platform_admin(), settle(&service, "Ada").await);
    let named = json!({ "enabled": true, "users": [{ "userId": ada.user, "has": true }],
        "workspaces": [{ "workspaceId": WorkspaceId::generate(service.clock()), "has": true }] });
    set(&root, "new.thing", named).await;
    let path = format!("/internal/users/{}/held", ada.user.unwrap());
    let told = service.internal("auth").get(&path).await.expect(200).text;
    assert!(told.contains(r#""new.thing""#), "{told}");
}
