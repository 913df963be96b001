//! Tokens of outside issuers, in place of ours.

use std::time::Duration;

use jsonwebtoken::Algorithm;
use reqwest::Method;
use serde_json::{Value, json};
use witan_testkit::Answer;

use crate::exchange::{ACCESS, exchange, token, world, world_with};
use crate::phone::Phone;
use crate::provider::{Forged, Provider};
use crate::world::{PASSWORD, World};

const ADA: &str = "ada@example.org";
const ME: &str = "/api/v1/auth/me";
const SESSIONS: &str = "/api/v1/auth/sessions";
const IDENTITIES: &str = "/api/v1/users/me/identities";
const ENDED: &str = "access.session_ended";
const INVALID: &str = "access.token_invalid";

async fn me(world: &World, token: &str) -> Answer {
    world.with_token(token).get(ME).await
}

/// The session that a token is taken for.
async fn session(world: &World, token: &str) -> String {
    me(world, token).await.expect(200).text_at("/sessionId")
}

async fn log_out(world: &World, token: &str, how: &str) {
    let client = world.with_token(token);
    let path = format!("/api/v1/auth/logout{how}");
    let _ = client.send(client.request(Method::POST, &path)).await.expect(204);
}

/// What another service is told.
async fn judged(world: &World, token: &str) -> Value {
    let body = json!({"token": token});
    world.internal().post("/internal/outside-tokens", body).await.expect(200).json.clone()
}

fn later(world: &World, seconds: u64) {
    world.time.advance(Duration::from_secs(seconds));
}

#[tokio::test]
async fn a_token_stands_for_a_user_and_a_session_of_ours() {
    let (world, provider) = world().await;
    let first = token(&world, &provider, json!({}));
    let who = me(&world, &first).await.expect(200);
    assert_eq!((who.text_at("/email"), who.text_at("/name")), (ADA.to_owned(), "Ada Lovelace".to_owned()));
    later(&world, 2);
    let second = token(&world, &provider, json!({"jti": "another"}));
    assert_eq!(session(&world, &second).await, who.text_at("/sessionId"));
    assert_eq!((world.count("users").await, world.count("sessions").await), (1, 1));

    let listed = world.with_token(&second).get(SESSIONS).await.expect(200);
    assert_eq!(listed.json["data"].as_array().unwrap().len(), 1);
    assert_eq!(listed.json["data"][0]["userAgent"], json!(provider.issuer));
    assert_eq!(listed.json["data"][0]["current"], true);
    let body = json!({"token": second});
    let verdict = world.anon().post("/api/v1/auth/verify-token", body).await.expect(200);
    assert_eq!(verdict.json["active"], true);
    assert_eq!(verdict.json["issuer"], json!(provider.issuer));
    assert_eq!(verdict.json["userId"], who.json["id"]);
    assert_eq!(verdict.json["methods"], json!(["fed"]));

    assert_eq!(world.event("session.started").await["sessionId"], who.json["sessionId"]);
    let entry = world.audited("LOGIN_SUCCESS").await;
    assert_eq!((&entry["actorId"], &entry["details"]["issuer"]), (&who.json["id"], &json!(provider.issuer)));
    assert_eq!(world.count("outbox WHERE data::text LIKE '%LOGIN_SUCCESS%'").await, 1);
}

#[tokio::test]
async fn other_services_are_told_whom_it_stands_for_and_until_when() {
    let (world, provider) = world().await;
    assert!(world.internal().get("/internal/issuers").await.expect(200).json.as_array().unwrap().len() == 2);
    let now = world.service.clock().now().timestamp();
    let shown = token(&world, &provider, json!({"exp": now + 300, "auth_time": now - 1000}));
    let record = judged(&world, &shown).await;
    assert_eq!((&record["verdict"], &record["platformAdmin"]), (&json!("ACCEPTED"), &json!(false)));
    assert_eq!(record["sessionId"], json!(session(&world, &shown).await));
    let time = |name: &str| record[name].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    assert_eq!(time("expiresAt").timestamp(), now + 300, "never longer than the token");
    assert_eq!(time("authenticatedAt").timestamp(), now - 1000);
    // Longer than the news of an end would be remembered, nobody believes it either.
    let long = token(&world, &provider, json!({"exp": now + 100_000}));
    let until = judged(&world, &long).await["expiresAt"].as_str().unwrap().to_owned();
    assert!(until.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp() <= now + 900);
    let body = json!({"token": shown});
    world.internal_anon().post("/internal/outside-tokens", &body).await.expect(401);
    world.internal().post("/internal/outside-tokens", json!({"token": ""})).await.expect(422);
    let huge = json!({"token": "x".repeat(20_000)});
    world.internal().post("/internal/outside-tokens", huge).await.expect(413);
    world.anon().post("/internal/outside-tokens", body).await.expect(404);
}

#[tokio::test]
async fn of_many_who_come_at_once_all_find_one_session() {
    let (world, provider) = world().await;
    let tokens: Vec<String> =
        (0..8).map(|n| token(&world, &provider, json!({"jti": n.to_string()}))).collect();
    let found = futures_util::future::join_all(tokens.iter().map(|token| session(&world, token))).await;
    assert!(found.iter().all(|session| *session == found[0]), "{found:?}");
    let counts = (world.count("users").await, world.count("identities").await, world.count("sessions").await);
    assert_eq!(counts, (1, 1, 1));
}

#[tokio::test]
async fn after_a_log_out_only_what_is_issued_later_opens_a_session() {
    let (world, provider) = world().await;
    let shown = token(&world, &provider, json!({}));
    let never_shown = token(&world, &provider, json!({"jti": "kept"}));
    let first = session(&world, &shown).await;
    later(&world, 5);
    log_out(&world, &shown, "").await;
    assert_eq!(world.event("session.revoked").await["sessionId"], json!(first));
    let revoked = world.internal().get("/internal/revocations").await.expect(200);
    assert_eq!(revoked.json[0]["sessionId"], json!(first));
    me(&world, &shown).await.expect_problem(401, ENDED);
    me(&world, &never_shown).await.expect_problem(401, ENDED);
    assert_eq!(judged(&world, &shown).await, json!({"verdict": "ENDED"}));
    let verdict = world.anon().post("/api/v1/auth/verify-token", json!({"token": shown})).await.expect(200);
    assert_eq!(verdict.json, json!({"active": false}));
    let exchanged = exchange(&world, &never_shown, ACCESS).await.expect(400);
    assert_eq!(exchanged.text_at("/error"), "invalid_request");

    later(&world, 1);
    let fresh = token(&world, &provider, json!({}));
    assert_ne!(session(&world, &fresh).await, first);
    me(&world, &shown).await.expect_problem(401, ENDED);
    for old in [&shown, &never_shown] {
        assert_eq!(judged(&world, old).await["verdict"], "ENDED", "though the next session is open");
    }
}

#[tokio::test]
async fn sessions_that_the_issuer_names_are_apart() {
    let (world, provider) = world().await;
    let (here, there) = (json!({"sid": "here"}), json!({"session_id": "there"}));
    let (here, there) = (token(&world, &provider, here), token(&world, &provider, there));
    let (first, second) = (session(&world, &here).await, session(&world, &there).await);
    assert_ne!(first, second);
    let client = world.with_token(&there);
    client.delete(&format!("{SESSIONS}/{first}")).await.expect(204);
    me(&world, &here).await.expect_problem(401, ENDED);
    let _ = me(&world, &there).await.expect(200);
    log_out(&world, &there, "?all=true").await;
    me(&world, &there).await.expect_problem(401, ENDED);
    // One that was issued before and never shown went with them.
    let third = token(&world, &provider, json!({"sid": "third"}));
    me(&world, &third).await.expect_problem(401, ENDED);
    let long = token(&world, &provider, json!({"sid": "x".repeat(256)}));
    me(&world, &long).await.expect_problem(401, INVALID);
}

#[tokio::test]
async fn a_new_password_ends_them_and_somebody_else_cannot() {
    let (world, provider) = world().await;
    world.person(ADA).await;
    let login = world.login(ADA, PASSWORD).await.expect(200).text_at("/accessToken");
    let shown = token(&world, &provider, json!({}));
    let open = session(&world, &shown).await;
    let eve = world.session("eve@example.org").await.text_at("/accessToken");
    world.with_token(&eve).delete(&format!("{SESSIONS}/{open}")).await.expect(404);
    let kept = token(&world, &provider, json!({"sid": "kept"}));
    let body = json!({"currentPassword": PASSWORD, "newPassword": "another horse battery staple"});
    world.with_token(&login).post("/api/v1/auth/change-password", body).await.expect(204);
    me(&world, &shown).await.expect_problem(401, ENDED);
    me(&world, &kept).await.expect_problem(401, ENDED);
    let _ = me(&world, &login).await.expect(200);
}

#[tokio::test]
async fn a_closed_account_lets_nobody_in_and_an_open_one_what_is_issued_later() {
    const ROOT: &str = "root@example.org";
    let time = witan_clock::ManualClock::at("2026-08-20T09:00:00Z".parse().unwrap());
    let provider = Provider::start(time.clock()).await;
    let list = json!([{"issuer": provider.issuer, "audience": "https://api.example.org"}]).to_string();
    let configure = |builder: witan_testkit::Builder| {
        builder.env("AUTH_TRUSTED_ISSUERS", list).env("AUTH_PLATFORM_ADMINS", ROOT)
    };
    let world = World::start_at(time, configure).await;
    let shown = token(&world, &provider, json!({}));
    let ada = me(&world, &shown).await.expect(200).text_at("/id");
    // Who runs the installation is known by their address, whatever proved it.
    let root = token(&world, &provider, json!({"sub": "root-1", "email": ROOT}));
    let post = async |what: &str| {
        let root = world.with_token(&root);
        let path = format!("/api/v1/users/{ada}/{what}");
        root.send(root.request(Method::POST, &path)).await.expect(200)
    };
    post("suspend").await;
    me(&world, &shown).await.expect_problem(401, ENDED);
    later(&world, 11);
    let fresh = token(&world, &provider, json!({}));
    me(&world, &fresh).await.expect_problem(401, INVALID);
    assert_eq!(world.audited("LOGIN_FAILED").await["details"]["reason"], "auth.account_suspended");
    post("reactivate").await;
    let opened = judged(&world, &fresh).await;
    assert_eq!(opened["verdict"], "ACCEPTED", "{opened}");
    assert_eq!(judged(&world, &shown).await["verdict"], "ENDED");
    let _ = me(&world, &fresh).await.expect(200);
}

#[tokio::test]
async fn what_does_not_hold_is_refused_and_makes_nobody() {
    let (world, provider) = world().await;
    let now = world.service.clock().now().timestamp();
    let wrong = [
        (json!({"aud": "somebody else"}), INVALID),
        (json!({"aud": null}), INVALID),
        (json!({"exp": now - 120}), "access.token_expired"),
        (json!({"exp": now}), "access.token_expired"),
        (json!({"nbf": now + 120}), INVALID),
        (json!({"iat": now + 120}), INVALID),
        (json!({"iat": null}), INVALID),
        (json!({"iat": now - 31 * 86_400}), ENDED),
        (json!({"sub": null}), INVALID),
        (json!({"sub": ""}), INVALID),
    ];
    for (changes, code) in wrong {
        let shown = token(&world, &provider, changes.clone());
        let answer = me(&world, &shown).await;
        assert_eq!((answer.status.as_u16(), answer.text_at("/code").as_str()), (401, code), "{changes}");
    }
    for forged in [Forged::None, Forged::SharedSecret, Forged::OtherKey, Forged::No(Algorithm::RS384)] {
        provider.behave(|how| how.algorithm = forged);
        me(&world, &token(&world, &provider, json!({}))).await.expect_problem(401, INVALID);
    }
    provider.behave(|how| (how.algorithm, how.typ) = (Forged::No(Algorithm::RS256), Some("logout+jwt")));
    me(&world, &token(&world, &provider, json!({}))).await.expect_problem(401, INVALID);
    assert_eq!(world.count("sessions").await, 0);
    assert_eq!(world.count("outbox WHERE data::text LIKE '%LOGIN_FAILED%'").await, 0);
}

#[tokio::test]
async fn made_up_issuers_ask_nobody_and_one_that_is_away_is_not_guessed_at() {
    let (world, provider) = world().await;
    for issuer in ["https://evil.example", "http://127.0.0.1:1"] {
        let shown = token(&world, &provider, json!({"iss": issuer}));
        me(&world, &shown).await.expect(401);
    }
    assert_eq!((provider.asked("/keys"), provider.asked("/.well-known/openid-configuration")), (0, 0));
    let away = token(&world, &provider, json!({"iss": "https://other.example"}));
    me(&world, &away).await.expect_problem(503, "dependency.unavailable");
    assert_eq!(world.count("users").await, 0);
}

#[tokio::test]
async fn an_unproved_address_opens_nothing_and_who_is_known_needs_none() {
    let (world, provider) = world().await;
    world.person(ADA).await;
    for changes in [json!({"email_verified": false}), json!({"email_verified": null})] {
        me(&world, &token(&world, &provider, changes)).await.expect_problem(401, INVALID);
    }
    for _ in 0..2 {
        assert_eq!(world.audited("LOGIN_FAILED").await["details"]["reason"], "auth.identity_unproved");
    }
    assert_eq!(world.count("identities").await, 0);
    let _ = me(&world, &token(&world, &provider, json!({}))).await.expect(200);
    let silent = json!({"email": null, "email_verified": null, "sid": "another"});
    let _ = me(&world, &token(&world, &provider, silent)).await.expect(200);
    assert_eq!(provider.asked("/userinfo"), 0);
    let stranger = token(&world, &provider, json!({"sub": "eve-1", "email": null}));
    me(&world, &stranger).await.expect_problem(401, INVALID);
    assert_eq!(provider.asked("/userinfo"), 1, "which tells it nothing");
    assert_eq!(world.audited("LOGIN_FAILED").await["details"]["reason"], "auth.identity_unproved");
    // Another subject with the same address.
    let twin = token(&world, &provider, json!({"sub": "ada-2"}));
    me(&world, &twin).await.expect_problem(401, INVALID);
    assert_eq!(world.audited("LOGIN_FAILED").await["details"]["reason"], "auth.identity_conflict");
}

#[tokio::test]
async fn an_old_proof_is_not_enough_and_one_shown_here_is() {
    let (world, provider) = world().await;
    world.person(ADA).await;
    let now = world.service.clock().now().timestamp();
    let old = token(&world, &provider, json!({"auth_time": now - 601}));
    let client = world.with_token(&old);
    let key = json!({"name": "ci", "scopes": ["read"]});
    client.post("/api/v1/api-keys", &key).await.expect_problem(403, "access.step_up_required");
    let body = json!({"password": PASSWORD});
    let proved = client.post("/api/v1/auth/step-up", body).await.expect(200);
    let (_, claims) = world.verify(&proved.text_at("/accessToken")).await;
    assert_eq!((claims.sid.to_string(), claims.amr), (session(&world, &old).await, names(&["fed", "pwd"])));
    let _ =
        world.with_token(&proved.text_at("/accessToken")).post("/api/v1/api-keys", &key).await.expect(201);
    // Whoever has another token of the session did not prove anything.
    let other = token(&world, &provider, json!({"auth_time": now - 601, "jti": "other"}));
    assert_eq!(judged(&world, &other).await["methods"], json!(["fed"]));
    world
        .with_token(&other)
        .post("/api/v1/api-keys", &key)
        .await
        .expect_problem(403, "access.step_up_required");
    let fresh = token(&world, &provider, json!({"auth_time": now, "sid": "another"}));
    let _ = world.with_token(&fresh).post("/api/v1/api-keys", &key).await.expect(201);
}

fn names(methods: &[&str]) -> Vec<String> {
    methods.iter().map(|method| (*method).to_owned()).collect()
}

#[tokio::test]
async fn an_account_with_a_second_factor_is_not_opened_without_it() {
    let (world, provider) = world().await;
    world.person(ADA).await;
    let shown = token(&world, &provider, json!({}));
    let _ = me(&world, &shown).await.expect(200);
    Phone::of(&world, &shown).await;
    let _ = me(&world, &shown).await.expect(200);
    let another = token(&world, &provider, json!({"sid": "another"}));
    me(&world, &another).await.expect_problem(401, INVALID);
    assert_eq!(world.audited("LOGIN_FAILED").await["details"]["reason"], "auth.second_factor_needed");
    assert_eq!(world.count("sessions").await, 1);
}

#[tokio::test]
async fn who_unlinks_the_account_ends_its_sessions_and_nothing_from_before_links_it_again() {
    let (world, provider) = world().await;
    world.person(ADA).await;
    let login = world.login(ADA, PASSWORD).await.expect(200).text_at("/accessToken");
    let shown = token(&world, &provider, json!({}));
    let kept = token(&world, &provider, json!({"sid": "kept"}));
    let open = session(&world, &shown).await;
    let ada = world.with_token(&login);
    let id = ada.get(IDENTITIES).await.expect(200).text_at("/data/0/id");
    ada.delete(&format!("{IDENTITIES}/{id}")).await.expect(204);
    let event = world.event("session.revoked").await;
    assert_eq!((&event["sessionId"], &event["reason"]), (&json!(open), &json!("IDENTITY_REMOVED")));
    me(&world, &shown).await.expect_problem(401, ENDED);
    me(&world, &kept).await.expect_problem(401, ENDED);
    assert_eq!(exchange(&world, &kept, ACCESS).await.expect(400).text_at("/error"), "invalid_request");
    assert_eq!(world.count("identities").await, 0);
    let _ = ada.get(ME).await.expect(200);
    later(&world, 1);
    let _ = me(&world, &token(&world, &provider, json!({}))).await.expect(200);
    assert_eq!(world.count("identities").await, 1);
}

#[tokio::test]
async fn a_session_lasts_while_it_is_used_and_no_longer() {
    let (world, provider) = world().await;
    let now = world.service.clock().now().timestamp();
    let long = token(&world, &provider, json!({"exp": now + 20 * 86_400}));
    let first = session(&world, &long).await;
    later(&world, 20 * 60);
    assert_eq!(session(&world, &long).await, first, "longer than an access token of ours");
    later(&world, 6 * 86_400);
    assert_eq!(session(&world, &long).await, first);
    later(&world, 6 * 86_400);
    assert_eq!(session(&world, &long).await, first, "its use was written down");
    later(&world, 7 * 86_400 + 1);
    me(&world, &long).await.expect_problem(401, ENDED);
    assert_ne!(session(&world, &token(&world, &provider, json!({}))).await, first);
}

#[tokio::test]
async fn they_count_among_the_ten_sessions_of_a_user() {
    let (world, provider) = world().await;
    let first = token(&world, &provider, json!({"sid": "0"}));
    let _ = me(&world, &first).await.expect(200);
    for n in 1..=10 {
        later(&world, 1);
        let _ = me(&world, &token(&world, &provider, json!({"sid": n.to_string()}))).await.expect(200);
    }
    me(&world, &first).await.expect_problem(401, ENDED);
    assert_eq!(world.count("sessions WHERE revoked_at IS NULL").await, 10);
    assert_eq!(world.event("session.revoked").await["reason"], "TOO_MANY");
}

#[tokio::test]
async fn large_tokens_are_taken_in_a_header_and_none_in_a_cookie() {
    let (world, provider) = world().await;
    let roles: Vec<String> = (0..600).map(|n| format!("role-{n}")).collect();
    let large = token(&world, &provider, json!({"realm_access": {"roles": roles}}));
    assert!(large.len() > 8 * 1024, "{}", large.len());
    let _ = me(&world, &large).await.expect(200);
    let anon = world.anon();
    let small = token(&world, &provider, json!({}));
    let request = anon.request(Method::GET, ME).header("Cookie", format!("__Host-witan_access={small}"));
    let in_cookie = anon.send(request.header("Origin", "http://127.0.0.1:8080")).await;
    assert_eq!(in_cookie.status, 401, "{}", in_cookie.text);
}

#[tokio::test]
async fn what_was_called_off_is_forgotten_once_it_is_too_old_to_be_shown() {
    let (mut world, provider) = world_with(json!({})).await;
    let shown = token(&world, &provider, json!({}));
    log_out(&world, &shown, "?all=true").await;
    assert_eq!(world.count("outside_cutoffs").await, 1);
    assert!(world.service.halt().await);
    later(&world, 31 * 86_400);
    world.service.resume().await.unwrap();
    world.until("it is forgotten", "outside_cutoffs", 0).await;
}
