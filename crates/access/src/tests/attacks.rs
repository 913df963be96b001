//! Tokens that must be refused, one for each way to make them (RFC 8725).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::AlgorithmParameters;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::{KEY, OTHER_KEY, World, header, jwk, sign};
use crate::{Denial, TOKEN_TYPE};

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap())
}

#[tokio::test]
async fn a_good_token_names_its_user() {
    let world = World::new();
    let claims = world.claims();
    let principal = world.verifier.verify(&sign(&claims)).await.unwrap();
    assert_eq!((principal.user_id, principal.session_id()), (claims.sub, Some(claims.sid)));
    assert_eq!(principal.expires_at.timestamp(), claims.exp);
}

#[tokio::test]
async fn no_algorithm_is_no_signature() {
    let world = World::new();
    let claims = part(&serde_json::to_value(world.claims()).unwrap());
    for none in ["none", "None", "NONE"] {
        let head = part(&json!({"alg": none, "typ": TOKEN_TYPE, "kid": "k1"}));
        let denial = world.denial(&format!("{head}.{claims}.")).await;
        assert!(matches!(denial, Denial::Kind | Denial::Malformed), "{none}: {denial}");
    }
}

#[tokio::test]
async fn the_public_key_is_no_secret_for_hmac() {
    let world = World::new();
    let AlgorithmParameters::RSA(public) = jwk(&KEY, "k1").algorithm else { panic!("an RSA key") };
    let modulus = URL_SAFE_NO_PAD.decode(&public.n).unwrap();
    for secret in [modulus.as_slice(), public.n.as_bytes()] {
        let forged = Header { alg: Algorithm::HS256, ..header() };
        let token =
            jsonwebtoken::encode(&forged, &world.claims(), &EncodingKey::from_secret(secret)).unwrap();
        assert_eq!(world.denial(&token).await, Denial::Kind);
    }
}

#[tokio::test]
async fn another_algorithm_of_the_same_key_is_refused() {
    let world = World::new();
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        let token =
            jsonwebtoken::encode(&Header { alg: algorithm, ..header() }, &world.claims(), &KEY).unwrap();
        assert_eq!(world.denial(&token).await, Denial::Kind, "{algorithm:?}");
    }
}

#[tokio::test]
async fn another_type_of_token_is_refused() {
    let world = World::new();
    for typ in [None, Some("JWT"), Some("id_token+jwt")] {
        let typed = Header { typ: typ.map(str::to_owned), ..header() };
        let token = jsonwebtoken::encode(&typed, &world.claims(), &KEY).unwrap();
        assert_eq!(world.denial(&token).await, Denial::Kind, "{typ:?}");
    }
}

#[tokio::test]
async fn a_critical_extension_that_nobody_understands_is_refused() {
    let world = World::new();
    let critical = Header { crit: Some(vec!["exp".to_owned()]), ..header() };
    let token = jsonwebtoken::encode(&critical, &world.claims(), &KEY).unwrap();
    assert_eq!(world.denial(&token).await, Denial::Kind);
}

#[tokio::test]
async fn a_key_that_the_token_brings_along_is_not_used() {
    let world = World::new();
    let own = Header { jwk: Some(jwk(&OTHER_KEY, "k1")), ..header() };
    let token = jsonwebtoken::encode(&own, &world.claims(), &OTHER_KEY).unwrap();
    assert_eq!(world.denial(&token).await, Denial::Signature);
}

#[tokio::test]
async fn a_changed_token_is_refused() {
    let world = World::new();
    let token = sign(&world.claims());
    let [head, _, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let other = part(&serde_json::to_value(world.claims()).unwrap());
    assert_eq!(world.denial(&format!("{head}.{other}.{signature}")).await, Denial::Signature);
    for broken in ["", "a", "a.b", "a.b.c", "....", &token[1..], &"x".repeat(5000)] {
        assert_eq!(world.denial(broken).await, Denial::Malformed, "{broken}");
    }
}

#[tokio::test]
async fn another_issuer_or_audience_is_refused() {
    let world = World::new();
    let mut claims = world.claims();
    claims.iss = "https://evil.test".to_owned();
    assert_eq!(world.denial(&sign(&claims)).await, Denial::Issuer);
    let mut claims = world.claims();
    claims.aud = vec!["chat".to_owned()];
    assert_eq!(world.denial(&sign(&claims)).await, Denial::Audience);
}

#[tokio::test]
async fn a_token_without_a_claim_is_refused() {
    let world = World::new();
    for name in ["iss", "sub", "aud", "exp", "nbf", "sid"] {
        let mut claims = serde_json::to_value(world.claims()).unwrap();
        claims.as_object_mut().unwrap().remove(name);
        let token = jsonwebtoken::encode(&header(), &claims, &KEY).unwrap();
        assert_eq!(world.denial(&token).await, Denial::Malformed, "{name}");
    }
}

#[tokio::test]
async fn a_token_holds_only_in_its_time_also_when_it_is_remembered() {
    let world = World::new();
    let token = sign(&world.claims());
    world.verifier.verify(&token).await.unwrap();
    world.time.advance(Duration::from_secs(899));
    world.verifier.verify(&token).await.unwrap();
    world.time.advance(Duration::from_secs(1));
    assert_eq!(world.denial(&token).await, Denial::Expired);

    let mut claims = world.claims();
    claims.nbf += 60;
    assert_eq!(world.denial(&sign(&claims)).await, Denial::NotYet);
    claims.nbf = i64::MAX;
    assert_eq!(world.denial(&sign(&claims)).await, Denial::NotYet);
    let mut claims = world.claims();
    claims.exp = i64::MIN;
    assert_eq!(world.denial(&sign(&claims)).await, Denial::Malformed);
}

#[tokio::test]
async fn an_audience_may_be_one_string() {
    let world = World::new();
    let mut claims = serde_json::to_value(world.claims()).unwrap();
    claims["aud"] = json!("tenancy");
    let token = jsonwebtoken::encode(&header(), &claims, &KEY).unwrap();
    world.verifier.verify(&token).await.unwrap();
}
