//! Accounts that close and open again.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use witan_ids::UserId;
use witan_testkit::{Answer, Client};

use crate::world::{PASSWORD, World};

const ADA: &str = "ada@example.org";
const DAY: Duration = Duration::from_secs(24 * 3600);
const DEACTIVATE: &str = "/api/v1/auth/deactivate";
const DELETE: &str = "/api/v1/auth/delete-account";
const REACTIVATE: &str = "/api/v1/auth/reactivate";
const RESTORE: &str = "/api/v1/auth/restore-account";

async fn ada(world: &World) -> Client {
    let session = world.session(ADA).await;
    world.with_token(&session.text_at("/accessToken"))
}

async fn again(world: &World) -> Client {
    let session = world.login(ADA, PASSWORD).await.expect(200);
    world.with_token(&session.text_at("/accessToken"))
}

fn owner(password: &str) -> Value {
    json!({"email": ADA, "password": password})
}

async fn post(world: &World, path: &str, body: Value) -> Answer {
    world.anon().post(path, body).await
}

async fn state(world: &World) -> String {
    let client = world.service.database().superuser().await.unwrap();
    let row = client
        .query_one("SELECT state || CASE WHEN suspended THEN '*' ELSE '' END FROM auth.users", &[])
        .await;
    row.unwrap().get(0)
}

#[tokio::test]
async fn closing_ends_everything_and_opening_lets_in_again() {
    let world = World::start().await;
    let session = world.session(ADA).await;
    let there = world.login(ADA, PASSWORD).await.expect(200);
    let client = world.with_token(&session.text_at("/accessToken"));
    let key = client.post("/api/v1/api-keys", json!({"name": "ci", "scopes": ["read"]})).await.expect(201);
    let key = key.text_at("/key");
    let with_key = async || {
        let anon = world.anon();
        let request = anon.request(Method::GET, "/api/v1/auth/me").header("X-API-Key", &key);
        anon.send(request).await
    };
    let _ = with_key().await.expect(200);
    let closed = client.post(DEACTIVATE, ()).await.expect(200);
    assert_eq!(closed.json, json!({"state": "DEACTIVATED"}));

    client.get("/api/v1/auth/me").await.expect_problem(401, "access.session_ended");
    with_key().await.expect(401);
    let refresh = json!({"refreshToken": there.text_at("/refreshToken")});
    post(&world, "/api/v1/auth/refresh", refresh).await.expect_problem(401, "auth.refresh_token_invalid");
    world.login(ADA, PASSWORD).await.expect_problem(403, "auth.account_deactivated");
    let event = world.event("user.deactivated").await;
    assert_eq!(event["suspended"], false);
    assert_eq!(world.audited("DEACTIVATE_ACCOUNT").await["outcome"], "SUCCESS");
    assert_eq!(world.count("sessions WHERE revoked_reason = 'ACCOUNT_CLOSED'").await, 2);

    post(&world, RESTORE, owner(PASSWORD)).await.expect_problem(409, "auth.account_state");
    post(&world, REACTIVATE, owner("wrong one")).await.expect_problem(401, "auth.invalid_credentials");
    let opened = post(&world, REACTIVATE, owner(PASSWORD)).await.expect(200);
    assert_eq!(opened.json, json!({"state": "ACTIVE"}));
    world.event("user.reactivated").await;
    world.audited("REACTIVATE_ACCOUNT").await;
    client.get("/api/v1/auth/me").await.expect(401);
    let _ = again(&world).await.get("/api/v1/auth/me").await.expect(200);
    let _ = with_key().await.expect(200);
    post(&world, REACTIVATE, owner(PASSWORD)).await.expect_problem(409, "auth.account_state");
}

#[tokio::test]
async fn closing_asks_for_a_fresh_proof_and_a_session() {
    let world = World::start().await;
    let session = world.session(ADA).await;
    let client = world.with_token(&session.text_at("/accessToken"));
    let key =
        client.post("/api/v1/api-keys", json!({"name": "ci", "scopes": ["read", "write"]})).await.expect(201);
    world.time.advance(Duration::from_secs(11 * 60));
    for path in [DEACTIVATE, DELETE] {
        client.post(path, ()).await.expect_problem(403, "access.step_up_required");
        let anon = world.anon();
        let request = anon.request(Method::POST, path).header("X-API-Key", key.text_at("/key"));
        assert!(anon.send(request).await.status.is_client_error());
        world.anon().post(path, ()).await.expect(401);
    }
    client.delete("/api/v1/users/me").await.expect_problem(403, "access.step_up_required");
    assert_eq!(state(&world).await, "ACTIVE");
}

#[tokio::test]
async fn a_deletion_is_taken_back_until_the_last_second() {
    let world = World::start().await;
    for path in ["delete-account", "users/me"] {
        let client = if path == "users/me" { again(&world).await } else { ada(&world).await };
        let deleted = match path {
            "users/me" => client.delete("/api/v1/users/me").await.expect(200),
            _ => client.post(DELETE, ()).await.expect(200),
        };
        assert_eq!(deleted.text_at("/state"), "PENDING_DELETION");
        world.login(ADA, PASSWORD).await.expect_problem(403, "auth.account_pending_deletion");
        post(&world, REACTIVATE, owner(PASSWORD)).await.expect_problem(409, "auth.account_state");
        let due = world.event("user.deletion_requested").await["dueAt"].as_str().unwrap().to_owned();
        let due: chrono::DateTime<chrono::Utc> = due.parse().unwrap();
        let left = (due - world.service.clock().now()).to_std().unwrap();
        assert!(left <= 30 * DAY && left > 30 * DAY - Duration::from_secs(60));
        world.time.advance(left - Duration::from_secs(1));
        let back = post(&world, RESTORE, owner(PASSWORD)).await.expect(200);
        assert_eq!(back.json, json!({"state": "ACTIVE"}));
        world.event("user.restored").await;
        world.audited("TAKE_BACK_DELETION").await;
    }
    let _ = again(&world).await;
}

#[tokio::test]
async fn a_deletion_that_is_due_is_not_taken_back() {
    let world = World::start().await;
    let client = ada(&world).await;
    client.post(DELETE, ()).await.expect(200);
    let token = world.mail_of_kind(ADA, "deletion_requested").await["token"].as_str().unwrap().to_owned();
    // Nobody erases it before it is asked about.
    let hold = "UPDATE periodic_jobs SET lease_token = gen_random_uuid(), lease_until = '2100-01-01' WHERE name = 'auth.erase'";
    world.sql(hold).await;
    world.time.advance(30 * DAY + Duration::from_secs(1));
    post(&world, RESTORE, owner(PASSWORD)).await.expect_problem(409, "auth.deletion_due");
    post(&world, RESTORE, json!({"token": token})).await.expect_problem(422, "auth.restore_token_expired");
    assert_eq!(state(&world).await, "PENDING_DELETION");
}

#[tokio::test]
async fn a_mailed_link_opens_once_out_of_either_state() {
    let world = World::start().await;
    for (path, kind, query) in
        [(DEACTIVATE, "account_deactivated", "page"), (DELETE, "deletion_requested", "json")]
    {
        let client = if path == DEACTIVATE { ada(&world).await } else { again(&world).await };
        client.post(path, ()).await.expect(200);
        let mail = world.mail_of_kind(ADA, kind).await;
        let token = mail["token"].as_str().unwrap();
        let page = world.anon().get(&format!("{RESTORE}?token={token}")).await.expect(200);
        assert!(page.text.contains("Open the account"));
        assert_ne!(state(&world).await, "ACTIVE", "looking changes nothing");
        let open = async || match query {
            "page" => {
                let anon = world.anon();
                let request = anon.request(Method::POST, "/api/v1/auth/restore-account/submit");
                anon.send(request.form(&[("token", token)])).await.status.as_u16()
            }
            _ => post(&world, RESTORE, json!({"token": token})).await.status.as_u16(),
        };
        assert_eq!(open().await, 200);
        assert_eq!(state(&world).await, "ACTIVE");
        assert_eq!(open().await, 422, "once");
    }
    for body in [json!({"token": "x"}), json!({"token": "A".repeat(43)})] {
        post(&world, RESTORE, body).await.expect_problem(422, "auth.restore_token_invalid");
    }
    assert!(post(&world, RESTORE, json!({})).await.status.is_client_error());
}

#[tokio::test]
async fn a_link_of_an_earlier_closing_is_worthless() {
    let world = World::start().await;
    ada(&world).await.post(DEACTIVATE, ()).await.expect(200);
    let token = world.mail_of_kind(ADA, "account_deactivated").await["token"].as_str().unwrap().to_owned();
    post(&world, REACTIVATE, owner(PASSWORD)).await.expect(200);
    again(&world).await.post(DELETE, ()).await.expect(200);
    post(&world, RESTORE, json!({"token": token})).await.expect_problem(422, "auth.restore_token_invalid");
    assert_eq!(state(&world).await, "PENDING_DELETION");
}

#[tokio::test]
async fn who_does_not_know_the_password_learns_nothing() {
    let world = World::start().await;
    ada(&world).await.post(DELETE, ()).await.expect(200);
    world.register("new@example.org").await;
    for path in [REACTIVATE, RESTORE] {
        for email in [ADA, "nobody@example.org", "new@example.org"] {
            let body = json!({"email": email, "password": "not this one"});
            post(&world, path, body).await.expect_problem(401, "auth.invalid_credentials");
        }
        let body = json!({"email": "new@example.org", "password": PASSWORD});
        post(&world, path, body).await.expect_problem(403, "auth.email_not_verified");
    }
}

#[tokio::test]
async fn of_a_deactivation_and_a_deletion_at_once_the_deletion_stays() {
    let world = World::start().await;
    for round in 0..4 {
        let client = if round == 0 { ada(&world).await } else { again(&world).await };
        let (closed, deleted, twice) =
            tokio::join!(client.post(DEACTIVATE, ()), client.post(DELETE, ()), client.post(DELETE, ()));
        let done = [&deleted, &twice].iter().filter(|answer| answer.status == 200).count();
        assert_eq!(done, 1, "{} {} {}", closed.status, deleted.status, twice.status);
        for answer in [closed, deleted, twice] {
            assert!([200, 401, 409].contains(&answer.status.as_u16()), "{}", answer.status);
        }
        assert_eq!(state(&world).await, "PENDING_DELETION");
        post(&world, RESTORE, owner(PASSWORD)).await.expect(200);
    }
}

#[tokio::test]
async fn no_workspace_loses_its_last_administrator() {
    let world = World::start().await;
    let first = world.session(ADA).await;
    let bob = world.session("bob@example.org").await;
    let id = |text: String| text.parse::<UserId>().unwrap();
    let me = async |session: &Answer| {
        let client = world.with_token(&session.text_at("/accessToken"));
        id(client.get("/api/v1/auth/me").await.expect(200).text_at("/id"))
    };
    let (ada_id, bob_id) = (me(&first).await, me(&bob).await);
    let (client, other) =
        (world.with_token(&first.text_at("/accessToken")), world.with_token(&bob.text_at("/accessToken")));
    let (peers, workspace) = (world.service.peers(), world.workspace_id());
    peers.admin(ada_id, workspace);
    peers.member(bob_id, workspace);
    for path in [DEACTIVATE, DELETE] {
        client.post(path, ()).await.expect_problem(409, "auth.last_admin");
    }
    let _ = client.get("/api/v1/auth/me").await.expect(200);

    // Both run it and both go at once: one of them stays, although tenancy has heard of neither.
    peers.admin(bob_id, workspace);
    let (one, two) = tokio::join!(client.post(DEACTIVATE, ()), other.post(DELETE, ()));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(world.count("users WHERE state = 'ACTIVE'").await, 1);
}

#[tokio::test]
async fn nothing_closes_while_tenancy_does_not_answer() {
    let world = World::start().await;
    let client = ada(&world).await;
    world.service.peers().set_away(true);
    client.post(DEACTIVATE, ()).await.expect_problem(503, "dependency.unavailable");
    world.service.peers().set_away(false);
    assert_eq!(state(&world).await, "ACTIVE");
}
