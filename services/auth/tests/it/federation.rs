//! Signing in with another identity provider.

use std::time::Duration;

use jsonwebtoken::Algorithm;
use reqwest::Method;
use serde_json::{Value, json};
use witan_testkit::{Answer, Client};

use crate::provider::{Behaviour, CLIENT, Forged, Provider, SECRET};
use crate::world::{PASSWORD, World};

const ADA: &str = "ada@example.org";
const START: &str = "/api/v1/auth/google";
const CALLBACK: &str = "/api/v1/auth/google/callback";
const INVALID: &str = "auth.sign_in_invalid";

/// A service that trusts a provider.
async fn world() -> (World, Provider) {
    let time = witan_clock::ManualClock::at("2026-08-20T09:00:00Z".parse().unwrap());
    let provider = Provider::start(time.clock()).await;
    let issuer = provider.issuer.clone();
    let world = World::start_at(time, |builder| {
        builder
            .env("AUTH_OIDC_ISSUER", issuer)
            .env("AUTH_OIDC_CLIENT_ID", CLIENT)
            .env("AUTH_OIDC_CLIENT_SECRET", SECRET)
    })
    .await;
    (world, provider)
}

/// Somebody on the way.
struct Traveller {
    client: Client,
    cookie: String,
    location: String,
}

impl Traveller {
    async fn begin(world: &World, query: &str) -> Self {
        let client = world.anon();
        let answer = client.get(&format!("{START}?{query}")).await.expect(302);
        let set = answer.header("set-cookie");
        assert!(set.starts_with("__Host-witan_sign_in="), "{set}");
        for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=600"] {
            assert!(set.contains(attribute), "{set}");
        }
        let cookie = set.split(';').next().unwrap().to_owned();
        Self { client, cookie, location: answer.header("location").to_owned() }
    }

    async fn back(&self, query: &str) -> Answer {
        let request = self.client.request(Method::GET, &format!("{CALLBACK}?{query}"));
        self.client.send(request.header("cookie", &self.cookie)).await
    }
}

/// All the way, for tokens.
async fn sign_in(world: &World, provider: &Provider) -> Answer {
    let traveller = Traveller::begin(world, "tokens=json").await;
    traveller.back(&provider.agree(&traveller.location)).await
}

async fn refused(change: impl FnOnce(&mut Behaviour), status: u16, code: &str) {
    let (world, provider) = world().await;
    provider.behave(change);
    sign_in(&world, &provider).await.expect_problem(status, code);
    assert_eq!(
        world.count("users").await + world.count("sessions").await + world.count("identities").await,
        0
    );
}

async fn refused_token(claims: Value) {
    refused(|how| how.claims = claims, 401, "auth.identity_token_invalid").await;
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_way() {
    let world = World::start().await;
    world.anon().get(START).await.expect_problem(404, "auth.provider_absent");
    let answer = world.anon().get(&format!("{CALLBACK}?state=a&code=b")).await;
    answer.expect_problem(404, "auth.provider_absent");
}

#[tokio::test]
async fn a_stranger_gets_an_account_without_a_password_and_its_events() {
    let (world, provider) = world().await;
    let answer = sign_in(&world, &provider).await.expect(200);
    let (_, claims) = world.verify(&answer.text_at("/accessToken")).await;
    assert_eq!(claims.amr, ["fed"]);
    assert_eq!(world.event("user.registered").await["email"], ADA);
    let verified = world.event("user.verified").await;
    assert_eq!((&verified["userId"], &verified["name"]), (&json!(claims.sub), &json!("Ada Lovelace")));
    assert_eq!(world.count("users WHERE state = 'ACTIVE' AND password_hash IS NULL").await, 1);
    let again = sign_in(&world, &provider).await.expect(200);
    assert_eq!(world.verify(&again.text_at("/accessToken")).await.1.sub, claims.sub);
    assert_eq!(world.count("users").await, 1);
    world.login(ADA, PASSWORD).await.expect_problem(401, "auth.invalid_credentials");
}

#[tokio::test]
async fn a_browser_gets_cookies_and_goes_on_where_it_wanted() {
    let (world, provider) = world().await;
    for (query, target) in [("", "/"), ("returnTo=%2Fconversations%3Fpage%3D2", "/conversations?page=2")] {
        let traveller = Traveller::begin(&world, query).await;
        let landed = traveller.back(&provider.agree(&traveller.location)).await.expect(303);
        assert_eq!(landed.header("location"), format!("http://127.0.0.1:8080{target}"));
        let set: Vec<_> =
            landed.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(set.len(), 5, "access, refresh, CSRF, the device, and the end of the sign-in: {set:?}");
    }
    for evil in ["//evil.example", "https://evil.example", "/%5Cevil.example", "/%0A/evil.example"] {
        let answer = world.anon().get(&format!("{START}?returnTo={evil}")).await;
        answer.expect_problem(400, "request.query_invalid");
    }
}

#[tokio::test]
async fn of_a_hundred_callbacks_with_one_code_one_gets_in() {
    let (world, provider) = world().await;
    let traveller = Traveller::begin(&world, "tokens=json").await;
    let back = provider.agree(&traveller.location);
    let attempts = (0..100).map(|_| async { traveller.back(&back).await.status });
    let statuses = futures_util::future::join_all(attempts).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(provider.asked("/token"), 1);
    assert_eq!(world.count("sessions").await, 1);
    traveller.back(&back).await.expect_problem(422, INVALID);
}

#[tokio::test]
async fn of_many_first_sign_ins_of_one_person_all_find_one_account() {
    let (world, provider) = world().await;
    let attempts = (0..8).map(|_| async { sign_in(&world, &provider).await.status });
    let statuses = futures_util::future::join_all(attempts).await;
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    assert_eq!((world.count("users").await, world.count("identities").await), (1, 1));
}

#[tokio::test]
async fn a_sign_in_ends_in_the_browser_that_began_it_and_within_ten_minutes() {
    let (world, provider) = world().await;
    let ada = Traveller::begin(&world, "tokens=json").await;
    let back = provider.agree(&ada.location);
    let eve = Traveller::begin(&world, "tokens=json").await;
    eve.back(&back).await.expect_problem(422, INVALID);
    world.anon().get(&format!("{CALLBACK}?{back}")).await.expect_problem(422, INVALID);
    ada.back("code=made-up&state=made-up").await.expect_problem(422, INVALID);
    assert_eq!(provider.asked("/token"), 0);
    let _ = ada.back(&back).await.expect(200);

    let late = Traveller::begin(&world, "tokens=json").await;
    let back = provider.agree(&late.location);
    world.time.advance(Duration::from_secs(600));
    late.back(&back).await.expect_problem(422, INVALID);
}

#[tokio::test]
async fn a_browser_is_shown_a_page_with_the_code() {
    let (world, provider) = world().await;
    let traveller = Traveller::begin(&world, "").await;
    provider.agree(&traveller.location);
    let state = traveller.location.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let query = format!("{CALLBACK}?error=access_denied&state={state}&iss={}", provider.issuer);
    let request = traveller.client.request(Method::GET, &query).header("cookie", &traveller.cookie);
    let page = traveller.client.send(request.header("accept", "text/html,*/*;q=0.8")).await.expect(403);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text.contains("auth.sign_in_refused"), "{}", page.text);
    let failed = world.audited("LOGIN_FAILED").await;
    assert_eq!(failed["details"]["reason"], "auth.sign_in_refused");
}

#[tokio::test]
async fn another_sender_is_refused() {
    let (world, provider) = world().await;
    for iss in ["&iss=https%3A%2F%2Fevil.example", ""] {
        let traveller = Traveller::begin(&world, "tokens=json").await;
        let back = provider.agree(&traveller.location);
        let parts: Vec<&str> = back.split('&').filter(|part| !part.starts_with("iss=")).collect();
        let answer = traveller.back(&format!("{}{iss}", parts.join("&"))).await;
        answer.expect_problem(401, "auth.identity_token_invalid");
    }
    assert_eq!(provider.asked("/token"), 0);
}

#[tokio::test]
async fn every_accepted_algorithm_is_verified_with_its_key() {
    let (world, provider) = world().await;
    for (algorithm, kid) in
        [(Algorithm::RS256, "one"), (Algorithm::ES256, "two"), (Algorithm::EdDSA, "three")]
    {
        provider.behave(|how| (how.algorithm, how.kid) = (Forged::No(algorithm), Some(kid)));
        let _ = sign_in(&world, &provider).await.expect(200);
    }
    provider.behave(|how| how.kid = None);
    let _ = sign_in(&world, &provider).await.expect(200);
}

#[tokio::test]
async fn a_secret_in_the_form_a_text_for_a_flag_and_odd_keys_are_understood() {
    let (world, provider) = world().await;
    provider.behave(|how| {
        how.discovery = json!({"token_endpoint_auth_methods_supported": ["client_secret_post"]});
        how.claims = json!({"email_verified": "true", "aud": [CLIENT, "other"], "azp": CLIENT});
        how.odd_keys = vec![json!({"kty": "ML-DSA", "kid": "one"}), json!({"kty": "RSA"}), json!(7)];
        how.typ = None;
    });
    let _ = sign_in(&world, &provider).await.expect(200);
}

#[tokio::test]
async fn an_address_that_only_the_user_info_tells_counts_if_it_is_of_the_same_person() {
    let (world, provider) = world().await;
    let none = json!({"email": null, "email_verified": null});
    provider.behave(|how| {
        how.claims = none;
        how.userinfo = json!({"sub": "somebody else", "email": ADA, "email_verified": true});
    });
    sign_in(&world, &provider).await.expect_problem(401, "auth.identity_token_invalid");
    provider.behave(|how| how.userinfo["sub"] = json!("ada-1"));
    let _ = sign_in(&world, &provider).await.expect(200);
    assert_eq!(world.count("users WHERE email = 'ada@example.org'").await, 1);
}

#[tokio::test]
async fn a_token_for_another_sign_in_is_refused() {
    refused_token(json!({"nonce": "of another"})).await;
    refused_token(json!({"nonce": null})).await;
}

#[tokio::test]
async fn a_token_for_somebody_else_is_refused() {
    refused_token(json!({"aud": "another-client"})).await;
    refused_token(json!({"aud": [CLIENT, "another-client"]})).await;
    refused_token(json!({"azp": "another-client"})).await;
    refused_token(json!({"iss": "https://evil.example"})).await;
    refused_token(json!({"sub": ""})).await;
}

#[tokio::test]
async fn a_token_out_of_time_is_refused() {
    let now = "2026-08-20T09:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp();
    refused_token(json!({"exp": now - 61})).await;
    refused_token(json!({"iat": now + 120})).await;
    refused_token(json!({"nbf": now + 120})).await;
    refused_token(json!({"iat": now - 3600})).await;
    refused_token(json!({"exp": null})).await;
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    for forged in [Forged::None, Forged::SharedSecret, Forged::OtherKey, Forged::No(Algorithm::RS512)] {
        refused(|how| how.algorithm = forged, 401, "auth.identity_token_invalid").await;
    }
    refused(|how| how.typ = Some("at+jwt"), 401, "auth.identity_token_invalid").await;
    // A key of another kind under a known id.
    refused(|how| how.kid = Some("two"), 401, "auth.identity_token_invalid").await;
}

#[tokio::test]
async fn a_new_key_is_fetched_and_made_up_ones_ask_no_more_than_every_ten_seconds() {
    let (world, provider) = world().await;
    provider.behave(|how| how.hides_keys = true);
    for _ in 0..5 {
        sign_in(&world, &provider).await.expect_problem(401, "auth.identity_token_invalid");
    }
    assert_eq!(provider.asked("/keys"), 1);
    provider.behave(|how| how.hides_keys = false);
    world.time.advance(Duration::from_secs(11));
    let _ = sign_in(&world, &provider).await.expect(200);
    assert_eq!(provider.asked("/keys"), 2);
    for _ in 0..3 {
        let _ = sign_in(&world, &provider).await.expect(200);
    }
    assert_eq!(provider.asked("/keys") + provider.asked("/.well-known/openid-configuration"), 3);
}

#[tokio::test]
async fn a_discovery_document_of_another_issuer_is_refused() {
    let (world, provider) = world().await;
    for issuer in ["https://evil.example".to_owned(), format!("{}/", provider.issuer)] {
        provider.behave(|how| how.discovery = json!({"issuer": issuer}));
        world.anon().get(START).await.expect_problem(503, "auth.provider_unavailable");
        world.time.advance(Duration::from_secs(11));
    }
    provider.behave(|how| how.discovery = json!({}));
    let _ = world.anon().get(START).await.expect(302);
}

#[tokio::test]
async fn a_provider_that_fails_or_hangs_is_said_to() {
    let (world, provider) = world().await;
    provider.behave(|how| how.token_status = Some((500, json!({}))));
    let answer = sign_in(&world, &provider).await.expect_problem(503, "auth.provider_unavailable");
    assert_eq!(answer.header("retry-after"), "5");
    provider.behave(|how| how.token_status = Some((400, json!({"error": "invalid_grant"}))));
    sign_in(&world, &provider).await.expect_problem(422, INVALID);
    provider.behave(|how| (how.token_status, how.token_delay) = (None, Duration::from_secs(60)));
    sign_in(&world, &provider).await.expect_problem(503, "auth.provider_unavailable");
    assert_eq!(world.count("users").await, 0);
}

#[tokio::test]
async fn an_address_that_is_not_proved_opens_and_makes_nothing() {
    let (world, provider) = world().await;
    world.person(ADA).await;
    for claims in [json!({"email_verified": false}), json!({"email_verified": null}), json!({"email": null})]
    {
        provider.behave(|how| (how.claims, how.userinfo) = (claims, json!({"sub": "ada-1"})));
        sign_in(&world, &provider).await.expect_problem(403, "auth.identity_unproved");
    }
    assert_eq!((world.count("identities").await, world.count("sessions").await), (0, 0));
}

#[tokio::test]
async fn an_account_with_the_address_is_linked_and_its_owner_told() {
    let (world, provider) = world().await;
    let ada = world.person(ADA).await;
    provider.behave(|how| how.claims = json!({"email": "Ada@Example.ORG"}));
    let answer = sign_in(&world, &provider).await.expect(200);
    assert_eq!(world.verify(&answer.text_at("/accessToken")).await.1.sub, ada);
    let _ = world.login(ADA, PASSWORD).await.expect(200);
    world.mail_of_kind(ADA, "security_notice").await;
    assert_eq!(world.audited("IDENTITY_LINKED").await["details"]["issuer"], provider.issuer);
    // From now on the subject counts, whatever the address.
    provider.behave(|how| how.claims = json!({"email": "other@example.org", "email_verified": false}));
    let answer = sign_in(&world, &provider).await.expect(200);
    assert_eq!(world.verify(&answer.text_at("/accessToken")).await.1.sub, ada);
    assert_eq!(world.count("users").await, 1);
}

#[tokio::test]
async fn an_address_that_the_provider_gave_to_somebody_else_opens_nothing() {
    let (world, provider) = world().await;
    let _ = sign_in(&world, &provider).await.expect(200);
    provider.behave(|how| how.claims = json!({"sub": "the next owner of the address"}));
    sign_in(&world, &provider).await.expect_problem(409, "auth.identity_conflict");
    assert_eq!((world.count("identities").await, world.count("sessions").await), (1, 1));
}

#[tokio::test]
async fn who_registered_a_strangers_address_loses_it_to_the_stranger() {
    let (world, provider) = world().await;
    world.register_with(ADA, "the attacker's own passphrase").await;
    let link = world.token(ADA).await;
    let _ = sign_in(&world, &provider).await.expect(200);
    let login = world.login(ADA, "the attacker's own passphrase").await;
    login.expect_problem(403, "auth.email_not_verified");
    let verify = world.anon().post("/api/v1/auth/verify-email", json!({"token": link})).await;
    verify.expect_problem(422, "auth.verification_token_invalid");
    assert_eq!(world.count("users WHERE state = 'ACTIVE' AND password_hash IS NULL").await, 1);
    assert_eq!(world.count("sessions").await, 1);
}

#[tokio::test]
async fn a_closed_account_stays_closed_and_is_linked_to_nothing() {
    let (world, provider) = world().await;
    world.person(ADA).await;
    world.sql("UPDATE users SET state = 'DEACTIVATED', deactivated_at = now()").await;
    sign_in(&world, &provider).await.expect_problem(403, "auth.account_deactivated");
    assert_eq!(world.count("identities").await, 0);
}

#[tokio::test]
async fn identities_are_listed_and_removed_unless_one_is_the_last_way_in() {
    let (world, provider) = world().await;
    let answer = sign_in(&world, &provider).await.expect(200);
    let ada = world.with_token(&answer.text_at("/accessToken"));
    let list = ada.get("/api/v1/users/me/identities").await.expect(200);
    assert_eq!(
        (list.text_at("/data/0/issuer"), list.text_at("/data/0/email")),
        (provider.issuer.clone(), ADA.to_owned())
    );
    let path = format!("/api/v1/users/me/identities/{}", list.text_at("/data/0/id"));
    ada.delete(&path).await.expect_problem(409, "auth.last_way_in");

    let eve = world.session("eve@example.org").await;
    let eve = world.with_token(&eve.text_at("/accessToken"));
    eve.delete(&path).await.expect_problem(404, "resource.not_found");
    assert_eq!(eve.get("/api/v1/users/me/identities").await.expect(200).json["data"], json!([]));

    world.anon().post("/api/v1/auth/request-password-reset", json!({"email": ADA})).await.expect(202);
    let token = world.mail_of_kind(ADA, "reset_password").await["token"].as_str().unwrap().to_owned();
    let body = json!({"token": token, "newPassword": PASSWORD});
    world.anon().post("/api/v1/auth/reset-password", body).await.expect(204);
    let access = world.login(ADA, PASSWORD).await.expect(200).text_at("/accessToken");
    let ada = world.with_token(&access);
    world.time.advance(Duration::from_secs(601));
    ada.delete(&path).await.expect_problem(403, "access.step_up_required");
    let access = world.login(ADA, PASSWORD).await.expect(200).text_at("/accessToken");
    let ada = world.with_token(&access);
    ada.delete(&path).await.expect(204);
    ada.delete(&path).await.expect_problem(404, "resource.not_found");
}
