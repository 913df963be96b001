//! What happens when the grace of a deletion is over.

use std::time::Duration;

use serde_json::json;
use witan_events::contracts::auth::v1::UserErased;
use witan_testkit::{Client, eventually};

use crate::world::{PASSWORD, World};

const ROOT: &str = "root@example.org";
const ADA: &str = "ada@example.org";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Somebody who has left a trace in every table, and whose deletion is due.
async fn due(world: &World) -> (String, Client) {
    let session = world.session(ADA).await;
    let ada = world.with_token(&session.text_at("/accessToken"));
    let id = ada.get("/api/v1/auth/me").await.expect(200).text_at("/id");
    ada.post("/api/v1/api-keys", json!({"name": "ci", "scopes": ["read"]})).await.expect(201);
    let workspace = world.workspace_id();
    world.service.peers().admin(id.parse().unwrap(), workspace);
    let key = json!({"name": "shared", "scopes": ["read"], "workspaceId": workspace});
    ada.post("/api/v1/api-keys", key).await.expect(201);
    ada.post("/api/v1/auth/delete-account", ()).await.expect(200);
    world.mail_of_kind(ADA, "deletion_requested").await;
    world.time.advance(30 * DAY + Duration::from_secs(1));
    let root = world.login(ROOT, PASSWORD).await.expect(200);
    (id, world.with_token(&root.text_at("/accessToken")))
}

async fn world() -> World {
    let world = World::start_with(|builder| builder.env("AUTH_PLATFORM_ADMINS", ROOT)).await;
    world.person(ROOT).await;
    world
}

async fn report(world: &World, user: &str, service: &str) {
    let report = UserErased { user_id: user.to_owned(), service: service.to_owned(), rows: 3 };
    world.service.tell(None, "erasures", &report).await;
}

/// How many rows of any table hold the text, but for the record of the erasure and what was told and is swept away.
async fn traces(world: &World, text: &str) -> Vec<String> {
    let client = world.service.database().superuser().await.unwrap();
    let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'auth'
        AND table_name NOT IN ('erasures', 'jobs') AND table_name !~ '^(outbox|inbox)(_|$)'";
    let mut found = Vec::new();
    for row in client.query(tables, &[]).await.unwrap() {
        let table: String = row.get(0);
        let query =
            format!("SELECT count(*) FROM auth.{table} t WHERE strpos(lower(t::text), lower($1)) > 0");
        let count: i64 = client.query_one(&query, &[&text]).await.unwrap().get(0);
        if count > 0 {
            found.push(table);
        }
    }
    found
}

#[tokio::test]
async fn all_report_and_nothing_is_left() {
    let world = world().await;
    let (user, root) = due(&world).await;
    let path = format!("/api/v1/users/{user}/erasure");
    assert_eq!(world.event("user.erasure_requested").await["userId"], user.as_str());
    let began =
        eventually("the erasure", async || Some(root.get(&path).await).filter(|a| a.status == 200)).await;
    assert_eq!(began.text_at("/state"), "RUNNING");
    let services: Vec<_> =
        began.json["services"].as_array().unwrap().iter().map(|one| one["service"].clone()).collect();
    assert_eq!(services, ["auth", "chat", "council", "tenancy", "webhooks"]);
    let id: witan_ids::UserId = user.parse().unwrap();
    assert!(!traces(&world, &id.uuid().to_string()).await.is_empty());
    let restore = json!({"email": ADA, "password": PASSWORD});
    world.anon().post("/api/v1/auth/restore-account", restore).await.expect_problem(409, "auth.deletion_due");
    root.post(&format!("/api/v1/users/{user}/reactivate"), ()).await.expect_problem(409, "auth.deletion_due");

    report(&world, &user, "somebody-else").await;
    report(&world, &user, "auth").await;
    for service in ["chat", "chat", "tenancy", "webhooks"] {
        report(&world, &user, service).await;
    }
    world.until("three reports", "erasures WHERE state = 'DONE'", 3).await;
    assert_eq!(world.count(&format!("users WHERE email = '{ADA}'")).await, 1, "one has not reported");
    report(&world, &user, "council").await;
    world.until("all reports", "erasures WHERE state = 'DONE' AND done_at IS NOT NULL", 5).await;

    for text in [id.uuid().to_string(), user.clone(), ADA.to_owned()] {
        assert_eq!(traces(&world, &text).await, Vec::<String>::new(), "{text}");
    }
    assert_eq!(world.count("api_keys WHERE workspace IS NOT NULL").await, 1, "the workspace keeps its key");
    let done = root.get(&path).await.expect(200);
    assert_eq!(done.text_at("/state"), "DONE");
    assert_eq!(done.json["services"][1]["rows"], 3);
    root.get(&format!("/api/v1/users/{user}")).await.expect(404);
    world.login(ADA, PASSWORD).await.expect_problem(401, "auth.invalid_credentials");
    // The address is free, and whoever has it now is somebody else.
    world.register(ADA).await;
    let second = || world.mails(ADA).into_iter().filter(|mail| mail["kind"] == "verify_email").nth(1);
    let mail = eventually("a mail to the new owner", async || second()).await;
    let proof = json!({"token": mail["token"]});
    let owner = world.anon().post("/api/v1/auth/verify-email", proof).await.expect(200);
    assert_ne!(owner.text_at("/userId"), user);
}

#[tokio::test]
async fn who_does_not_answer_is_asked_again_each_day() {
    let world = world().await;
    let (user, _root) = due(&world).await;
    assert_eq!(world.event("user.erasure_requested").await["userId"], user.as_str());
    report(&world, &user, "chat").await;
    world.until("a report", "erasures WHERE state = 'DONE'", 1).await;
    world.time.advance(DAY);
    assert_eq!(world.event("user.erasure_requested").await["userId"], user.as_str());
    world.until("all asked again", "erasures WHERE asked_at > requested_at", 3).await;
}

#[tokio::test]
async fn whose_grace_lasts_is_left_alone() {
    let world = world().await;
    let session = world.session(ADA).await;
    let ada = world.with_token(&session.text_at("/accessToken"));
    ada.post("/api/v1/auth/delete-account", ()).await.expect(200);
    world.time.advance(30 * DAY - Duration::from_secs(120));
    let passed = world.service.clock().now().to_rfc3339();
    world
        .until("a pass", &format!("periodic_jobs WHERE name = 'auth.erase' AND next_at > '{passed}'"), 1)
        .await;
    assert_eq!(world.count("erasures").await, 0);
}
