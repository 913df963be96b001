//! Tokens that must be refused, shown to the running service: signed with its own key, or pretending to be (RFC 8725).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::AlgorithmParameters;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use witan_access::JwkSet;
use witan_config::Reader;
use witan_ids::KeyId;
use witan_pg::CipherConfig;
use witan_testkit::Answer;

use crate::world::World;

const VERIFY: &str = "/api/v1/auth/verify-token";

/// Somebody who got hold of the signing key, or only wishes they had.
struct Forger {
    key: RsaKeyPair,
    head: Value,
    claims: Value,
}

impl Forger {
    /// With the service's own key and a good token's contents.
    async fn of(world: &World, token: &str) -> Self {
        let client = world.service.database().superuser().await.unwrap();
        let rows =
            "SELECT id::text, secret FROM auth.signing_keys WHERE purpose = 'ACCESS' AND state = 'ACTIVE'";
        let row = client.query_one(rows, &[]).await.unwrap();
        let id = KeyId::from_uuid(row.get::<_, String>(0).parse().unwrap());
        let mut reader = Reader::new(world.service.env());
        let cipher = CipherConfig::read(&mut reader).unwrap().cipher();
        let secret = cipher.open(&format!("auth.signing_keys/{id}"), row.get(1)).unwrap();
        let parts: Vec<Value> = token
            .split('.')
            .take(2)
            .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
            .collect();
        let [head, claims] = parts.try_into().unwrap();
        Self { key: RsaKeyPair::from_pkcs8(&secret).unwrap(), head, claims }
    }

    fn sign(&self, head: &str, claims: &str) -> String {
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A token with one member of its header changed.
    fn head(&self, name: &str, value: Value) -> String {
        let mut head = self.head.clone();
        head[name] = value;
        self.sign(&head.to_string(), &self.claims.to_string())
    }

    /// A token with one claim changed; null takes it away.
    fn claim(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value;
        }
        self.sign(&self.head.to_string(), &claims.to_string())
    }
}

async fn forger(world: &World) -> (Forger, String) {
    let token = world.session("ada@example.org").await.text_at("/accessToken");
    (Forger::of(world, &token).await, token)
}

async fn verdict(world: &World, token: &str) -> Answer {
    world.anon().post(VERIFY, json!({"token": token})).await.expect(200)
}

async fn refused(world: &World, what: &str, token: &str) {
    let answer = verdict(world, token).await;
    assert_eq!(answer.json, json!({"active": false}), "{what}");
    let me = world.with_token(token).get("/api/v1/auth/me").await;
    assert_eq!(me.status, 401, "{what}: {}", me.json);
}

#[tokio::test]
async fn a_good_token_is_active_and_says_for_whom() {
    let world = World::start().await;
    let (forger, token) = forger(&world).await;
    let answer = verdict(&world, &token).await;
    assert_eq!(answer.json["active"], true);
    assert_eq!(answer.json["userId"], forger.claims["sub"]);
    assert_eq!(answer.json["sessionId"], forger.claims["sid"]);
    assert_eq!(answer.json["methods"], json!(["pwd"]));
    let same = forger.claim("iat", forger.claims["iat"].clone());
    assert_eq!(verdict(&world, &same).await.json["active"], true, "the forger knows the trade");
}

#[tokio::test]
async fn a_token_whose_session_ended_is_not_active() {
    let world = World::start().await;
    let (_, token) = forger(&world).await;
    world.with_token(&token).post("/api/v1/auth/logout", ()).await.expect(204);
    refused(&world, "its session ended", &token).await;
}

#[tokio::test]
async fn what_is_no_body_is_told_apart_from_what_is_no_token() {
    let world = World::start().await;
    world.anon().post(VERIFY, json!({})).await.expect_problem(422, "validation.failed");
    world.anon().post(VERIFY, json!({"token": ""})).await.expect_problem(422, "validation.failed");
    for token in ["x", "a.b.c", &"y".repeat(8192)] {
        assert_eq!(verdict(&world, token).await.json, json!({"active": false}));
    }
}

#[tokio::test]
async fn no_algorithm_is_no_signature() {
    let world = World::start().await;
    let (forger, token) = forger(&world).await;
    let (_, rest) = token.split_once('.').unwrap();
    let (claims, _) = rest.split_once('.').unwrap();
    for none in ["none", "None", "nOnE"] {
        let mut head = forger.head.clone();
        head["alg"] = json!(none);
        let head = URL_SAFE_NO_PAD.encode(head.to_string());
        refused(&world, none, &format!("{head}.{claims}.")).await;
    }
}

#[tokio::test]
async fn the_published_key_is_no_secret_for_hmac() {
    let world = World::start().await;
    let (forger, _) = forger(&world).await;
    let keys: JwkSet = world.anon().get("/.well-known/jwks.json").await.expect(200).body();
    let document = serde_json::to_vec(&keys.keys[0]).unwrap();
    let AlgorithmParameters::RSA(public) = &keys.keys[0].algorithm else { panic!("an RSA key") };
    let modulus = URL_SAFE_NO_PAD.decode(&public.n).unwrap();
    for secret in [modulus.as_slice(), public.n.as_bytes(), &document, b""] {
        let mut head = Header::new(Algorithm::HS256);
        head.typ = Some("at+jwt".to_owned());
        head.kid = forger.head["kid"].as_str().map(str::to_owned);
        let token = jsonwebtoken::encode(&head, &forger.claims, &EncodingKey::from_secret(secret)).unwrap();
        refused(&world, "HS256", &token).await;
    }
}

#[tokio::test]
async fn a_key_id_that_is_a_path_a_query_or_nothing_finds_no_key() {
    let world = World::start().await;
    let (forger, _) = forger(&world).await;
    for kid in
        ["../../../dev/null", "x' UNION SELECT 'secret", "http://127.0.0.1/jwks.json", "", "key_unknown"]
    {
        refused(&world, kid, &forger.head("kid", json!(kid))).await;
    }
    refused(&world, "a number", &forger.head("kid", json!(7))).await;
}

#[tokio::test]
async fn addresses_of_keys_in_a_token_lead_nowhere() {
    let world = World::start().await;
    let (forger, _) = forger(&world).await;
    let (theirs, visits) = (aws_lc_rs::rsa::KeySize::Rsa2048, witan_testkit::sink().await);
    let own = Forger { key: RsaKeyPair::generate(theirs).unwrap(), ..forger };
    for name in ["jku", "x5u"] {
        refused(&world, name, &own.head(name, json!(visits.url("jwks.json")))).await;
    }
    assert!(visits.received().is_empty(), "nobody looked there");
}

#[tokio::test]
async fn another_type_of_token_is_no_access_token() {
    let world = World::start().await;
    let (forger, _) = forger(&world).await;
    for typ in [json!("JWT"), json!("id+jwt"), json!("witan-service+jwt"), Value::Null] {
        refused(&world, "typ", &forger.head("typ", typ)).await;
    }
    refused(&world, "crit", &forger.head("crit", json!(["exp"]))).await;
}

#[tokio::test]
async fn a_claim_that_is_wrong_missing_or_there_twice_is_refused() {
    let world = World::start().await;
    let (forger, _) = forger(&world).await;
    let now = forger.claims["iat"].as_i64().unwrap();
    let wrong = [
        ("iss", json!("https://evil.example")),
        ("aud", json!(["another"])),
        ("aud", json!("AUTH")),
        ("exp", json!(now)),
        ("exp", json!("never")),
        ("nbf", json!(now + 60)),
        ("sub", json!("ses_01k0cabmfgek0v7s0c0x0k4m3e")),
        ("sid", json!("")),
        ("auth_time", json!("now")),
    ];
    for (name, value) in wrong {
        refused(&world, name, &forger.claim(name, value)).await;
    }
    for name in ["iss", "aud", "exp", "nbf", "sub", "sid", "auth_time"] {
        refused(&world, name, &forger.claim(name, Value::Null)).await;
    }
    let (head, claims) = (forger.head.to_string(), forger.claims.to_string());
    for twice in [r#""sub":"usr_01k0cabmfgek0v7s0c0x0k4m3e""#, r#""exp":9999999999"#, r#""adm":true"#] {
        let claims = format!("{{{twice},\"adm\":false,{}", &claims[1..]);
        refused(&world, twice, &forger.sign(&head, &claims)).await;
    }
}

#[tokio::test]
async fn random_key_ids_do_not_keep_auth_from_its_work() {
    let world = World::start().await;
    let (forger, token) = forger(&world).await;
    let forged: Vec<_> = (0..50).map(|n| forger.head("kid", json!(format!("key_{n}")))).collect();
    let asks = forged.iter().map(|token| verdict(&world, token));
    for answer in futures_util::future::join_all(asks).await {
        assert_eq!(answer.json, json!({"active": false}));
    }
    assert_eq!(verdict(&world, &token).await.json["active"], true);
}
