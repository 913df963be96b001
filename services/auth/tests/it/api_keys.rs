use reqwest::Method;
use serde_json::{Value, json};
use witan_ids::{UserId, WorkspaceId};
use witan_testkit::{Answer, Client, eventually};

use crate::world::World;

const KEYS: &str = "/api/v1/api-keys";
const ME: &str = "/api/v1/auth/me";
const ADA: &str = "ada@example.org";

struct Keys {
    world: World,
    ada: Client,
    user: UserId,
}

impl Keys {
    async fn start() -> Self {
        let world = World::start().await;
        let user = world.person(ADA).await;
        let ada = Self::login(&world, ADA).await;
        Self { world, ada, user }
    }

    async fn login(world: &World, email: &str) -> Client {
        let login = world.login(email, crate::world::PASSWORD).await.expect(200);
        world.with_token(&login.text_at("/accessToken"))
    }

    async fn make(&self, body: Value) -> Answer {
        self.ada.post(KEYS, body).await.expect(201)
    }

    async fn with_key(&self, scopes: Value) -> (Client, Answer) {
        let made = self.make(json!({"name": "import", "scopes": scopes})).await;
        (self.world.anon().with_api_key(made.text_at("/key")), made)
    }
}

#[tokio::test]
async fn a_key_is_shown_once_and_stands_for_whoever_made_it() {
    let keys = Keys::start().await;
    let (program, made) = keys.with_key(json!(["agents", "read", "read"])).await;
    let (key, id) = (made.text_at("/key"), made.text_at("/id"));
    assert!(key.starts_with("wk_") && key.starts_with(&made.text_at("/prefix")));
    assert_eq!(made.header("location"), format!("{KEYS}/{id}"));
    assert_eq!(made.json["scopes"], json!(["read", "agents"]));
    assert_eq!(program.get(ME).await.expect(200).text_at("/id"), keys.user.to_string());
    assert_eq!(keys.world.event("api_key.created").await["keyId"], id);

    let shown = keys.ada.get(&format!("{KEYS}/{id}")).await.expect(200);
    let listed = keys.ada.get(KEYS).await.expect(200);
    assert!(!shown.text.contains(&key) && !listed.text.contains(&key));
    assert_eq!(listed.json["data"][0]["id"], id);
    assert!(shown.json["lastUsedAt"].is_string());
    let (_, secret) = key.rsplit_once('_').unwrap();
    assert_eq!(keys.world.count(&format!("api_keys WHERE row(api_keys.*)::text LIKE '%{secret}%'")).await, 0);
}

#[tokio::test]
async fn a_revoked_key_is_out_at_once_and_everybody_is_told() {
    let keys = Keys::start().await;
    let (program, made) = keys.with_key(json!(["read"])).await;
    let _ = program.get(ME).await.expect(200);
    let path = format!("{KEYS}/{}", made.text_at("/id"));
    let _ = keys.ada.delete(&path).await.expect(204);
    program.get(ME).await.expect_problem(401, "access.api_key_invalid");
    keys.ada.delete(&path).await.expect_problem(404, "resource.not_found");
    keys.ada.get(&path).await.expect_problem(404, "resource.not_found");
    let event = keys.world.event("api_key.revoked").await;
    assert_eq!((&event["keyId"], &event["reason"]), (&made.json["id"], &json!("revoked")));
}

#[tokio::test]
async fn a_key_ends_by_itself_and_with_the_account() {
    let keys = Keys::start().await;
    let made = keys.make(json!({"name": "short", "scopes": ["read"], "expiresInDays": 1})).await;
    let program = keys.world.anon().with_api_key(made.text_at("/key"));
    let _ = program.get(ME).await.expect(200);
    keys.world.time.advance(chrono::TimeDelta::days(1).to_std().unwrap());
    program.get(ME).await.expect_problem(401, "access.api_key_invalid");

    let keys = Keys::start().await;
    let (program, _) = keys.with_key(json!(["read"])).await;
    keys.world.sql("UPDATE users SET state = 'DEACTIVATED', deactivated_at = now()").await;
    program.get(ME).await.expect_problem(401, "access.api_key_invalid");
}

#[tokio::test]
async fn bad_wishes_are_refused_and_make_nothing() {
    let keys = Keys::start().await;
    let refused = [
        json!({"name": "", "scopes": ["read"]}),
        json!({"name": "x\u{202e}y", "scopes": ["read"]}),
        json!({"name": "x", "scopes": []}),
        json!({"name": "x", "scopes": ["everything"]}),
        json!({"name": "x", "scopes": ["read"], "expiresInDays": 0}),
        json!({"name": "x", "scopes": ["read"], "expiresInDays": 366}),
        // Whose key it is, the body does not say.
        json!({"name": "x", "scopes": ["read"], "userId": UserId::generate(keys.world.service.clock())}),
    ];
    for body in refused {
        keys.ada.post(KEYS, &body).await.expect_problem(422, "validation.failed");
    }
    keys.world.anon().post(KEYS, json!({})).await.expect_problem(401, "access.token_missing");
    assert_eq!(keys.world.count("api_keys").await, 0);
}

#[tokio::test]
async fn no_key_makes_keys_and_no_old_login_does() {
    let keys = Keys::start().await;
    let (program, _) = keys.with_key(json!(["read", "write", "admin"])).await;
    let body = json!({"name": "x", "scopes": ["read"]});
    program.post(KEYS, &body).await.expect_problem(403, "access.session_required");
    program.get(KEYS).await.expect_problem(403, "access.session_required");
    keys.world.time.advance(std::time::Duration::from_secs(601));
    keys.ada.post(KEYS, &body).await.expect_problem(403, "access.step_up_required");
    let reset = keys.ada.request(Method::POST, "/api/v1/users/me/reset-api-key");
    keys.ada.send(reset).await.expect_problem(403, "access.step_up_required");
    assert_eq!(keys.world.count("api_keys").await, 1);
}

#[tokio::test]
async fn somebody_elses_key_is_not_there() {
    let keys = Keys::start().await;
    let (program, made) = keys.with_key(json!(["read"])).await;
    keys.world.person("eve@example.org").await;
    let eve = Keys::login(&keys.world, "eve@example.org").await;
    let path = format!("{KEYS}/{}", made.text_at("/id"));
    eve.get(&path).await.expect_problem(404, "resource.not_found");
    eve.delete(&path).await.expect_problem(404, "resource.not_found");
    assert_eq!(eve.get(KEYS).await.expect(200).json["data"], json!([]));
    let _ = program.get(ME).await.expect(200);
}

#[tokio::test]
async fn a_workspaces_key_is_made_by_who_may_do_what_it_can() {
    let keys = Keys::start().await;
    let (workspace, peers) = (WorkspaceId::generate(keys.world.service.clock()), keys.world.service.peers());
    let body = json!({"name": "hooks", "scopes": ["webhooks"], "workspaceId": workspace});
    let foreign = WorkspaceId::generate(keys.world.service.clock());
    let elsewhere = json!({"name": "hooks", "scopes": ["webhooks"], "workspaceId": foreign});
    keys.ada.post(KEYS, elsewhere).await.expect_problem(404, "access.workspace_not_found");

    keys.world.person("bob@example.org").await;
    keys.world.person("cyd@example.org").await;
    let (bob, cyd) = (
        Keys::login(&keys.world, "bob@example.org").await,
        Keys::login(&keys.world, "cyd@example.org").await,
    );
    let id =
        async |client: &Client| client.get(ME).await.expect(200).text_at("/id").parse::<UserId>().unwrap();
    peers.member(id(&bob).await, workspace);
    let manage = [witan_access::permission::MEMBERS_MANAGE];
    peers.join(id(&cyd).await, workspace, "HR", &manage);
    bob.post(KEYS, &body).await.expect_problem(403, "access.permission_denied");
    // Who manages members cannot make themselves a key that manages webhooks.
    cyd.post(KEYS, &body).await.expect_problem(403, "access.permission_denied");

    peers.admin(keys.user, workspace);
    let admin = &keys.ada;
    let made = admin.post(KEYS, &body).await.expect(201);
    let path = format!("{KEYS}/{}", made.text_at("/id"));
    let listed = admin.get(&format!("{KEYS}?workspaceId={workspace}")).await.expect(200);
    assert_eq!(listed.json["data"][0]["id"], made.json["id"]);
    bob.get(&format!("{KEYS}?workspaceId={workspace}")).await.expect_problem(403, "access.permission_denied");
    bob.delete(&path).await.expect_problem(404, "resource.not_found");
    let _ = cyd.delete(&path).await.expect(204);
}

#[tokio::test]
async fn resetting_replaces_the_one_key_that_is_called_so() {
    let keys = Keys::start().await;
    let reset = async || {
        let request = keys.ada.request(Method::POST, "/api/v1/users/me/reset-api-key");
        keys.ada.send(request).await.expect(201)
    };
    let (other, _) = keys.with_key(json!(["read"])).await;
    let first = keys.world.anon().with_api_key(reset().await.text_at("/key"));
    let _ = first.get(ME).await.expect(200);
    let (a, b) = tokio::join!(reset(), reset());
    first.get(ME).await.expect_problem(401, "access.api_key_invalid");
    let (a, b) = (
        keys.world.anon().with_api_key(a.text_at("/key")).get(ME).await.status.as_u16(),
        keys.world.anon().with_api_key(b.text_at("/key")).get(ME).await.status.as_u16(),
    );
    assert_eq!(a.min(b), 200);
    assert_eq!(a.max(b), 401);
    let _ = other.get(ME).await.expect(200);
}

#[tokio::test]
async fn there_are_twenty_keys_at_most() {
    let keys = Keys::start().await;
    let body = json!({"name": "x", "scopes": ["read"]});
    let made = futures_util::future::join_all((0..22).map(|_| keys.ada.post(KEYS, &body))).await;
    let refused: Vec<_> = made.iter().filter(|answer| answer.status == 409).collect();
    assert_eq!(refused.len(), 2);
    assert_eq!(refused[0].text_at("/code"), "auth.api_key_limit");
    assert_eq!(keys.world.count("api_keys").await, 20);
}

#[tokio::test]
async fn services_look_a_key_up_by_what_opens_nothing() {
    let keys = Keys::start().await;
    let (_, made) = keys.with_key(json!(["read"])).await;
    let proof = witan_access::api_key::ApiKeyProof::of(&made.text_at("/key")).unwrap();
    let path = |prefix: &str, digest: &str| format!("/internal/api-keys?prefix={prefix}&digest={digest}");
    let right = path(&proof.prefix, &proof.digest_text());
    let record = keys.world.internal().get(&right).await.expect(200);
    assert_eq!(record.json["userId"], keys.user.to_string());
    assert_eq!(record.json["scopes"], json!(["read"]));
    let wrong = path(&proof.prefix, &"0".repeat(64));
    keys.world.internal().get(&wrong).await.expect_problem(404, "resource.not_found");
    let unknown = path("wk_0000000000000000", &proof.digest_text());
    keys.world.internal().get(&unknown).await.expect_problem(404, "resource.not_found");
    keys.world.internal_anon().get(&right).await.expect_problem(401, "access.token_missing");
}

#[tokio::test]
async fn keys_that_ended_long_ago_are_removed() {
    let keys = Keys::start().await;
    let _ = keys.with_key(json!(["read"])).await;
    let (_, kept) = keys.with_key(json!(["read"])).await;
    let old = "UPDATE api_keys SET revoked_at = '2026-01-01', revoked_reason = 'revoked' WHERE id <>";
    let kept: witan_ids::ApiKeyId = kept.text_at("/id").parse().unwrap();
    keys.world.sql(&format!("{old} '{}'", kept.uuid())).await;
    keys.world.sql("UPDATE periodic_jobs SET next_at = '2026-01-01' WHERE name = 'auth.purge'").await;
    eventually("one is left", async || keys.world.count("api_keys").await == 1).await;
}

#[tokio::test]
async fn a_wish_that_is_sent_twice_makes_one_key() {
    let keys = Keys::start().await;
    let body = json!({"name": "x", "scopes": ["read"]});
    let first = keys.ada.post_once("once", KEYS, &body).await.expect(201);
    let second = keys.ada.post_once("once", KEYS, &body).await.expect(201);
    assert_eq!(first.json["key"], second.json["key"]);
    assert_eq!(keys.world.count("api_keys").await, 1);
}

#[tokio::test]
async fn a_workspace_that_asks_for_second_factors_gives_no_keys_without() {
    let keys = Keys::start().await;
    let workspace = keys.world.workspace_id();
    keys.world.service.peers().admin(keys.user, workspace);
    keys.world.service.peers().require_second_factor(workspace);
    let body = json!({"name": "deploy", "scopes": ["read"], "workspaceId": workspace});
    keys.ada.post(KEYS, &body).await.expect_problem(403, "access.second_factor_required");
    let list = keys.ada.get(&format!("{KEYS}?workspaceId={workspace}")).await;
    list.expect_problem(403, "access.second_factor_required");

    let login = keys.world.login(ADA, crate::world::PASSWORD).await.expect(200);
    let access = login.text_at("/accessToken");
    let phone = crate::phone::Phone::of(&keys.world, &access).await;
    let proof = json!({"code": phone.next_code(&keys.world)});
    let proved = keys.world.with_token(&access).post("/api/v1/auth/step-up", proof).await.expect(200);
    let safe = keys.world.with_token(&proved.text_at("/accessToken"));
    let _ = safe.post(KEYS, &body).await.expect(201);
    assert_eq!(keys.world.count("api_keys WHERE methods = '{pwd,otp}'").await, 1);
}
