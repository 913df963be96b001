//! Access tokens as auth signs them, with a key that is known to everybody.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use witan_access::{Claims, JwkSet, TOKEN_TYPE};
use witan_clock::Clock;
use witan_ids::{SessionId, UserId, WorkspaceId};

/// Generated for the tests and known to everybody: it signs nothing but their tokens.
const KEY: &[u8] = include_bytes!("../keys/for-tests-only.pem");
/// The modulus of [`KEY`], in hexadecimal as `openssl rsa -modulus` prints it.
const MODULUS: &str = include_str!("../keys/for-tests-only.modulus");
const KID: &str = "test-1";

/// Who issues the tests' tokens; for `WITAN_ISSUER`.
pub const ISSUER: &str = "http://witan.test";

/// What a test token says; change a member to make one that must be refused.
#[must_use]
pub fn claims(audience: &str, user: UserId, workspace: Option<WorkspaceId>, clock: &Clock) -> Claims {
    let now = clock.now().timestamp();
    Claims {
        iss: ISSUER.to_owned(),
        sub: user,
        aud: vec![audience.to_owned()],
        exp: now + 900,
        iat: now,
        nbf: now,
        jti: clock.uuid_v7().to_string(),
        sid: SessionId::generate(clock),
        wid: workspace,
        auth_time: now,
        amr: vec!["pwd".to_owned()],
        adm: false,
    }
}

/// A signed access token.
///
/// # Panics
/// Never with the key that is built in.
#[must_use]
pub fn sign(claims: &Claims) -> String {
    let header = Header {
        typ: Some(TOKEN_TYPE.to_owned()),
        kid: Some(KID.to_owned()),
        ..Header::new(Algorithm::RS256)
    };
    let key = EncodingKey::from_rsa_pem(KEY).expect("the tests' key");
    jsonwebtoken::encode(&header, claims, &key).expect("a token")
}

/// What says that it is of another issuer; whether that is true is for auth to say
/// ([`FakePeers::outside_token`](crate::FakePeers::outside_token)). As large as those that hold all roles of a person.
#[must_use]
pub fn outside(issuer: &str, subject: &str) -> String {
    let part = |text: String| BASE64_URL_SAFE_NO_PAD.encode(text);
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": "one"}).to_string();
    let claims = json!({"iss": issuer, "sub": subject, "roles": vec!["a-role-of-theirs"; 400]}).to_string();
    format!("{}.{}.{}", part(header), part(claims), part("signature".to_owned()))
}

/// The public half, as auth publishes it.
///
/// # Panics
/// Never with the key that is built in.
#[must_use]
pub fn jwks() -> JwkSet {
    let digits: Vec<u8> = MODULUS.trim().bytes().collect();
    let bytes = digits
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|p| u8::from_str_radix(p, 16).ok()));
    let modulus: Vec<u8> = bytes.collect::<Option<_>>().expect("hexadecimal digits");
    let set = json!({"keys": [{
        "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KID, "e": "AQAB",
        "n": BASE64_URL_SAFE_NO_PAD.encode(modulus),
    }]});
    serde_json::from_value(set).expect("a key set")
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation};

    use super::*;

    #[test]
    fn the_published_half_verifies_what_the_other_signs() {
        let clock = Clock::system();
        let claims = claims("tenancy", UserId::generate(&clock), None, &clock);
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_audience(&["tenancy"]);
        let key = DecodingKey::from_jwk(&jwks().keys[0]).unwrap();
        assert_eq!(jsonwebtoken::decode::<Claims>(sign(&claims), &key, &rules).unwrap().claims, claims);
    }
}
