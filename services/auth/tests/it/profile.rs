//! What people say of themselves.

use std::time::Duration;

use serde_json::{Value, json};
use witan_testkit::{Answer, Client};

use crate::world::{PASSWORD, World};

const ADA: &str = "ada@example.org";
const ME: &str = "/api/v1/users/me";

async fn ada(world: &World) -> Client {
    let session = world.session(ADA).await;
    world.with_token(&session.text_at("/accessToken"))
}

async fn profile(client: &Client) -> Value {
    client.get(ME).await.expect(200).json
}

fn pointers(answer: &Answer) -> Vec<&str> {
    let errors = answer.json["errors"].as_array().unwrap();
    let mut pointers: Vec<_> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    pointers.sort_unstable();
    pointers
}

#[tokio::test]
async fn a_new_account_has_a_profile_that_says_little() {
    let world = World::start().await;
    let profile = profile(&ada(&world).await).await;
    assert_eq!(profile["email"], ADA);
    assert_eq!(profile["state"], "ACTIVE");
    assert_eq!(profile["preferences"], json!({}));
    for unknown in ["locale", "timeZone", "avatarUrls", "defaultWorkspaceId"] {
        assert!(profile[unknown].is_null(), "{unknown}: {profile}");
    }
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_null_takes_away() {
    let world = World::start().await;
    let ada = ada(&world).await;
    world.time.advance(Duration::from_secs(60));
    let all = json!({"name": " Ada L. ", "locale": "en-gb", "timeZone": "Europe/London",
        "preferences": {"theme": "dark", "panes": {"left": 3, "right": null}}});
    let changed = ada.patch(ME, &all).await.expect(200).json;
    assert_eq!(changed["name"], "Ada L.");
    assert_eq!(changed["locale"], "en-GB");
    assert_eq!(changed["timeZone"], "Europe/London");
    assert_eq!(changed["preferences"], json!({"theme": "dark", "panes": {"left": 3}}));
    assert_eq!(changed["updatedAt"], "2026-08-20T09:01:00Z");
    assert_eq!(world.event("user.renamed").await["name"], "Ada L.");

    let patch = json!({"locale": null, "preferences": {"theme": null, "panes": {"top": [1]}}});
    let changed = ada.patch(ME, &patch).await.expect(200).json;
    assert!(changed["locale"].is_null());
    assert_eq!(changed["name"], "Ada L.");
    assert_eq!(changed["timeZone"], "Europe/London");
    assert_eq!(changed["preferences"], json!({"panes": {"left": 3, "top": [1]}}));
    let emptied = ada.patch(ME, json!({"preferences": null})).await.expect(200).json;
    assert_eq!(emptied["preferences"], json!({}));
    assert_eq!(profile(&ada).await, emptied);
    assert_eq!(ada.get("/api/v1/auth/me").await.expect(200).json["name"], "Ada L.");
}

#[tokio::test]
async fn everything_wrong_is_named_at_once_and_nothing_changes() {
    let world = World::start().await;
    let ada = ada(&world).await;
    let before = profile(&ada).await;
    let wrong =
        json!({"name": "a\u{202E}b", "locale": "en_US", "timeZone": "Mars/Olympus", "preferences": {"a": 1}});
    let answer = ada.patch(ME, &wrong).await.expect_problem(422, "validation.failed");
    assert_eq!(pointers(&answer), ["/locale", "/name", "/timeZone"]);
    let of_the_schema = [
        (json!({"name": null}), "/name"),
        (json!({"name": ""}), "/name"),
        (json!({"email": "eve@example.org"}), "/email"),
        (json!({"id": "usr_01h455vb4pex5vsknk084sn02q"}), "/id"),
        (json!({"preferences": [1]}), "/preferences"),
        (json!({"preferences": {"a": "\u{0}"}}), "/preferences/a"),
        (json!({"preferences": {"a": "x".repeat(17_000)}}), "/preferences"),
        (json!({"preferences": {"a": [[[[[[[[]]]]]]]]}}), "/preferences"),
        (json!({"locale": "x".repeat(36)}), "/locale"),
        (json!({"timeZone": 1}), "/timeZone"),
    ];
    for (body, pointer) in of_the_schema {
        let answer = ada.patch(ME, &body).await.expect_problem(422, "validation.failed");
        assert_eq!(pointers(&answer), [pointer], "{body}");
    }
    let text = |body: &'static str, kind: &'static str| {
        ada.send(ada.request(reqwest::Method::PATCH, ME).header("Content-Type", kind).body(body))
    };
    text("{\"name\":", "application/json").await.expect_problem(400, "request.unparsable");
    text("{\"name\":\"a\",\"name\":\"b\"}", "application/json")
        .await
        .expect_problem(400, "request.unparsable");
    text("name=Eve", "application/x-www-form-urlencoded").await.expect_problem(415, "request.media_type");
    assert_eq!(profile(&ada).await, before);
    let merge = text("{\"name\":\"Augusta\"}", "application/merge-patch+json").await.expect(200);
    assert_eq!(merge.json["name"], "Augusta");
}

#[tokio::test]
async fn what_is_merged_is_bounded_and_not_only_what_is_sent() {
    let world = World::start().await;
    let ada = ada(&world).await;
    let half = "x".repeat(9_000);
    let _ = ada.patch(ME, json!({"preferences": {"one": half}})).await.expect(200);
    let more = ada.patch(ME, json!({"preferences": {"two": half}})).await;
    more.expect_problem(422, "validation.failed");
    let _ = ada.patch(ME, json!({"preferences": {"one": null, "two": half}})).await.expect(200);
}

#[tokio::test]
async fn two_tabs_that_set_different_preferences_both_keep_them() {
    let world = World::start().await;
    let ada = ada(&world).await;
    let patches = (0..8).map(|n| {
        let ada = &ada;
        async move { ada.patch(ME, json!({"preferences": {format!("p{n}"): n}})).await.expect(200) }
    });
    futures_util::future::join_all(patches).await;
    assert_eq!(profile(&ada).await["preferences"].as_object().unwrap().len(), 8);
}

#[tokio::test]
async fn usage_is_counted_and_belongs_to_one_person() {
    let world = World::start().await;
    let ada = ada(&world).await;
    world.time.advance(Duration::from_secs(5));
    let _ = world.login(ADA, PASSWORD).await.expect(200);
    let _ = ada.post("/api/v1/api-keys", json!({"name": "ci", "scopes": ["read"]})).await.expect(201);
    let _ = world.session("eve@example.org").await;
    let expected = json!({"sessions": 2, "apiKeys": 1, "logins": 2, "lastLoginAt": "2026-08-20T09:00:05Z"});
    assert_eq!(profile(&ada).await["usage"], expected);
    ada.post("/api/v1/auth/logout?all=true", ()).await.expect(204);
    let again = world.login(ADA, PASSWORD).await.expect(200);
    let usage = profile(&world.with_token(&again.text_at("/accessToken"))).await["usage"].clone();
    assert_eq!((&usage["sessions"], &usage["logins"]), (&json!(1), &json!(3)));
}

#[tokio::test]
async fn a_key_reads_with_one_scope_and_writes_with_the_other() {
    let world = World::start().await;
    let ada = ada(&world).await;
    let key = async |scope: &str| {
        let made = ada.post("/api/v1/api-keys", json!({"name": scope, "scopes": [scope]})).await.expect(201);
        world.anon().with_api_key(made.text_at("/key"))
    };
    let (reader, writer) = (key("read").await, key("write").await);
    let _ = reader.get(ME).await.expect(200);
    let _ = reader.patch(ME, json!({"name": "Eve"})).await.expect(403);
    let _ = writer.patch(ME, json!({"name": "Augusta"})).await.expect(200);
    assert_eq!(profile(&ada).await["name"], "Augusta");
    let _ = world.anon().get(ME).await.expect(401);
    let _ = world.anon().patch(ME, json!({"name": "Eve"})).await.expect(401);
}

#[tokio::test]
async fn an_erased_account_has_no_profile_to_change() {
    let world = World::start().await;
    let ada = ada(&world).await;
    world.sql("DELETE FROM users").await;
    let _ = ada.get(ME).await.expect(401);
    let _ = ada.patch(ME, json!({"name": "Eve"})).await.expect(401);
}
