//! How services prove to each other who they are: a token of a minute, signed with a key that only they have.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use witan_clock::Clock;
use witan_config::Reader;

use crate::{Csrf, Denial};

/// How long a token holds.
pub const LIFETIME: Duration = Duration::from_secs(60);
/// How far the clocks of two machines may be apart.
const SKEW: Duration = Duration::from_secs(5);
const ISSUER: &str = "witan-internal";
const TYPE: &str = "witan-service+jwt";
/// HMAC-SHA-256 keys shorter than its output weaken it (RFC 7518 section 3.2).
const MIN_KEY_BYTES: usize = 32;
const DEVELOPMENT_KEY: &str = "witan-development-internal-key-0123456789";

/// The key that services share for their tokens.
#[derive(Clone)]
pub struct InternalKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
    csrf: Csrf,
}

#[derive(Serialize, Deserialize)]
struct ServiceClaims {
    iss: String,
    sub: String,
    aud: String,
    iat: i64,
    exp: i64,
}

impl InternalKey {
    /// Reads `WITAN_INTERNAL_KEY`, at least 32 bytes; development has one of its own.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let secret = r.secret_or_dev("WITAN_INTERNAL_KEY", DEVELOPMENT_KEY)?;
        if secret.expose_secret().len() < MIN_KEY_BYTES {
            return r.mistake("WITAN_INTERNAL_KEY", "must have at least 32 bytes");
        }
        Some(Self::new(&secret))
    }

    /// A key of these bytes.
    pub fn new(secret: &SecretString) -> Self {
        let bytes = secret.expose_secret().as_bytes();
        Self {
            encoding: EncodingKey::from_secret(bytes),
            decoding: DecodingKey::from_secret(bytes),
            csrf: Csrf::derive(bytes),
        }
    }

    /// Makes and checks the tokens of pages that use cookies; every service shares them.
    pub fn csrf(&self) -> &Csrf {
        &self.csrf
    }
}

impl std::fmt::Debug for InternalKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InternalKey(hidden)")
    }
}

/// A token with which `caller` may ask `audience` for a minute.
pub fn mint(key: &InternalKey, caller: &str, audience: &str, clock: &Clock) -> String {
    let now = clock.now().timestamp();
    let claims = ServiceClaims {
        iss: ISSUER.to_owned(),
        sub: caller.to_owned(),
        aud: audience.to_owned(),
        iat: now,
        exp: now + LIFETIME.as_secs() as i64,
    };
    let header = Header { typ: Some(TYPE.to_owned()), ..Header::new(Algorithm::HS256) };
    // Signing strings and numbers with an HMAC key has nothing that could fail.
    jsonwebtoken::encode(&header, &claims, &key.encoding).unwrap_or_default()
}

/// The name of the service that made the token for `audience`.
///
/// # Errors
/// When the token does not hold.
pub fn verify(key: &InternalKey, token: &str, audience: &str, clock: &Clock) -> Result<String, Denial> {
    let mut rules = Validation::new(Algorithm::HS256);
    // Time comes from the clock that was handed in.
    rules.validate_exp = false;
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[audience]);
    rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    let token = jsonwebtoken::decode::<ServiceClaims>(token, &key.decoding, &rules).map_err(Denial::from)?;
    if token.header.typ.as_deref() != Some(TYPE) {
        return Err(Denial::Kind);
    }
    let now = clock.now().timestamp();
    if token.claims.exp <= now {
        return Err(Denial::Expired);
    }
    if token.claims.iat > now + SKEW.as_secs() as i64 {
        return Err(Denial::NotYet);
    }
    Ok(token.claims.sub)
}
