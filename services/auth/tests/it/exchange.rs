//! Tokens of outside issuers, exchanged for ours.

use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use witan_testkit::Answer;

use crate::provider::{Forged, Provider};
use crate::world::World;

const ADA: &str = "ada@example.org";
const EXCHANGE: &str = "/api/v1/auth/exchange";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(crate) const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID: &str = "urn:ietf:params:oauth:token-type:id_token";
const AUDIENCE: &str = "https://api.example.org";

pub(crate) async fn world() -> (World, Provider) {
    world_with(json!({})).await
}

/// A service that trusts an issuer, with settings of its own.
pub(crate) async fn world_with(settings: Value) -> (World, Provider) {
    let time = witan_clock::ManualClock::at("2026-08-20T09:00:00Z".parse().unwrap());
    let provider = Provider::start(time.clock()).await;
    let mut issuer = json!({"issuer": provider.issuer, "audience": AUDIENCE});
    for (name, value) in settings.as_object().unwrap() {
        issuer[name] = value.clone();
    }
    let list = json!([{"issuer": "https://other.example", "audience": "x"}, issuer]).to_string();
    let world = World::start_at(time, |builder| builder.env("AUTH_TRUSTED_ISSUERS", list)).await;
    (world, provider)
}

/// What the issuer says of Ada, and what is different this time.
pub(crate) fn token(world: &World, provider: &Provider, changes: Value) -> String {
    let now = world.service.clock().now().timestamp();
    let mut claims = json!({
        "iss": provider.issuer, "sub": "ada-1", "aud": [AUDIENCE, "another"], "exp": now + 300, "iat": now,
        "email": ADA, "email_verified": true, "name": "Ada Lovelace", "azp": "some-app",
    });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    provider.issue(claims)
}

async fn send(world: &World, form: &[(&str, &str)]) -> Answer {
    let anon = world.anon();
    anon.send(anon.request(reqwest::Method::POST, EXCHANGE).form(form)).await
}

pub(crate) async fn exchange(world: &World, token: &str, kind: &str) -> Answer {
    let form = [("grant_type", GRANT), ("subject_token", token), ("subject_token_type", kind)];
    send(world, &form).await
}

fn refused(answer: Answer, error: &str) {
    let answer = answer.expect(400);
    assert_eq!(answer.text_at("/error"), error, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_token_is_exchanged_for_tokens_of_a_user_of_ours() {
    let (world, provider) = world().await;
    let first = exchange(&world, &token(&world, &provider, json!({})), ACCESS).await.expect(200);
    assert_eq!(first.text_at("/issued_token_type"), ACCESS);
    assert_eq!(
        (first.text_at("/token_type"), first.header("cache-control")),
        ("Bearer".to_owned(), "no-store")
    );
    let (_, claims) = world.verify(&first.text_at("/access_token")).await;
    assert_eq!(claims.amr, ["fed"]);
    let me = world.with_token(&first.text_at("/access_token")).get("/api/v1/auth/me").await.expect(200);
    assert_eq!((me.text_at("/email"), me.text_at("/name")), (ADA.to_owned(), "Ada Lovelace".to_owned()));
    let body = json!({"refreshToken": first.text_at("/refresh_token")});
    let _ = world.anon().post("/api/v1/auth/refresh", body).await.expect(200);
    assert_eq!(world.event("user.verified").await["userId"], json!(claims.sub));
    // Known by now: the address is not looked at any more.
    provider.behave(|how| how.typ = Some("at+jwt"));
    let again = token(&world, &provider, json!({"email": null, "email_verified": null}));
    provider.behave(|how| how.userinfo = json!({"sub": "ada-1"}));
    let again = exchange(&world, &again, ACCESS).await.expect(200);
    assert_eq!(world.verify(&again.text_at("/access_token")).await.1.sub, claims.sub);
    assert_eq!(world.count("users").await, 1);
}

#[tokio::test]
async fn what_does_not_hold_is_refused_and_makes_nobody() {
    let (world, provider) = world().await;
    let now = world.service.clock().now().timestamp();
    let wrong = [
        json!({"aud": "somebody else"}),
        json!({"aud": null}),
        json!({"iss": "https://evil.example"}),
        json!({"iss": "https://other.example"}),
        json!({"exp": now - 61}),
        json!({"nbf": now + 120}),
        json!({"sub": null}),
    ];
    for changes in wrong {
        let answer = exchange(&world, &token(&world, &provider, changes.clone()), ACCESS).await;
        // The other issuer is trusted, and away.
        if changes["iss"] == "https://other.example" {
            answer.expect_problem(503, "auth.provider_unavailable");
        } else {
            refused(answer, "invalid_request");
        }
    }
    for forged in [Forged::None, Forged::SharedSecret, Forged::OtherKey, Forged::No(Algorithm::RS384)] {
        provider.behave(|how| how.algorithm = forged);
        refused(exchange(&world, &token(&world, &provider, json!({})), ACCESS).await, "invalid_request");
    }
    refused(exchange(&world, "no token", ACCESS).await, "invalid_request");
    assert_eq!(world.count("users").await + world.count("sessions").await, 0);
}

#[tokio::test]
async fn a_token_of_ours_and_an_access_token_as_an_id_token_are_refused() {
    let (world, provider) = world().await;
    let ours = world.session("eve@example.org").await.text_at("/accessToken");
    refused(exchange(&world, &ours, ACCESS).await, "invalid_request");
    provider.behave(|how| how.typ = Some("at+jwt"));
    let access = token(&world, &provider, json!({}));
    refused(exchange(&world, &access, ID).await, "invalid_request");
    provider.behave(|how| how.typ = Some("logout+jwt"));
    refused(exchange(&world, &token(&world, &provider, json!({})), ACCESS).await, "invalid_request");
}

#[tokio::test]
async fn forms_that_ask_for_something_else_are_refused() {
    let (world, provider) = world().await;
    let token = token(&world, &provider, json!({}));
    let good = [("grant_type", GRANT), ("subject_token", token.as_str()), ("subject_token_type", ACCESS)];
    refused(send(&world, &good[1..]).await, "unsupported_grant_type");
    refused(send(&world, &[good[0], good[2]]).await, "invalid_request");
    refused(send(&world, &good[..2]).await, "invalid_request");
    for more in [("actor_token", "x"), ("requested_token_type", "urn:ietf:params:oauth:token-type:saml2")] {
        refused(send(&world, &[good[0], good[1], good[2], more]).await, "invalid_request");
    }
    assert_eq!(world.count("users").await, 0);
}

#[tokio::test]
async fn an_unproved_address_makes_and_opens_nothing() {
    let (world, provider) = world().await;
    world.person(ADA).await;
    for changes in [json!({"email_verified": false}), json!({"email_verified": null})] {
        refused(exchange(&world, &token(&world, &provider, changes), ACCESS).await, "invalid_grant");
    }
    assert_eq!(world.audited("LOGIN_FAILED").await["details"]["reason"], "auth.identity_unproved");
    assert_eq!(world.count("identities").await, 0);
}

#[tokio::test]
async fn an_issuer_may_be_trusted_to_say_nothing_of_proofs_but_not_to_deny_them() {
    let (world, provider) = world_with(json!({"requireEmailVerified": false})).await;
    let denied = token(&world, &provider, json!({"email_verified": false}));
    refused(exchange(&world, &denied, ACCESS).await, "invalid_grant");
    let silent = token(&world, &provider, json!({"email_verified": null}));
    let _ = exchange(&world, &silent, ACCESS).await.expect(200);
}

#[tokio::test]
async fn an_issuer_without_a_discovery_document_is_known_by_its_keys() {
    let time = witan_clock::ManualClock::at("2026-08-20T09:00:00Z".parse().unwrap());
    let provider = Provider::start(time.clock()).await;
    let issuer = "https://project.supabase.example/auth/v1";
    let keys = format!("{}/keys", provider.issuer);
    let list = json!([{"issuer": issuer, "audience": AUDIENCE, "jwksUrl": keys}]).to_string();
    let world = World::start_at(time, |builder| builder.env("AUTH_TRUSTED_ISSUERS", list)).await;
    let token = token(&world, &provider, json!({"iss": issuer}));
    let _ = exchange(&world, &token, ACCESS).await.expect(200);
    assert_eq!((provider.asked("/keys"), provider.asked("/.well-known/openid-configuration")), (1, 0));
}

#[tokio::test]
async fn of_many_exchanges_at_once_all_find_one_user() {
    let (world, provider) = world().await;
    let token = token(&world, &provider, json!({}));
    let attempts = (0..8).map(|_| async { exchange(&world, &token, ID).await.status });
    let statuses = futures_util::future::join_all(attempts).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert_eq!((world.count("users").await, world.count("identities").await), (1, 1));
}
