mod api_keys;
mod attacks;
mod keys;
mod memberships;
mod outside_tokens;
mod revocations;
mod service_tokens;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

use async_trait::async_trait;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use witan_clock::{Clock, ManualClock};
use witan_ids::{SessionId, UserId};

use crate::{AccessError, Claims, Denial, Jwk, JwkSet, KeySource, Revocations, TOKEN_TYPE, Verifier};

pub(crate) const ISSUER: &str = "https://witan.test";
pub(crate) const SERVICE: &str = "tenancy";

/// Made once: each takes a moment.
pub(crate) static KEY: LazyLock<EncodingKey> = LazyLock::new(new_key);
pub(crate) static OTHER_KEY: LazyLock<EncodingKey> = LazyLock::new(new_key);

fn new_key() -> EncodingKey {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
    let text = STANDARD.encode(der.as_ref());
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"));
    EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()
}

pub(crate) fn jwk(key: &EncodingKey, kid: &str) -> Jwk {
    let mut jwk = Jwk::from_encoding_key(key, Algorithm::RS256).unwrap();
    jwk.common.key_id = Some(kid.to_owned());
    jwk
}

/// Keys that a test changes, takes away and counts the questions for.
#[derive(Default)]
pub(crate) struct Keys {
    set: Mutex<Vec<Jwk>>,
    away: AtomicBool,
    asked: AtomicUsize,
}

impl Keys {
    fn set(&self, keys: Vec<Jwk>) {
        *self.set.lock().unwrap() = keys;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl KeySource for Keys {
    async fn jwks(&self) -> Result<JwkSet, AccessError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.away.load(Ordering::SeqCst) {
            return Err(AccessError::unavailable("signing keys", "on purpose"));
        }
        Ok(JwkSet { keys: self.set.lock().unwrap().clone() })
    }
}

/// A verifier, and everything around it.
pub(crate) struct World {
    pub(crate) time: ManualClock,
    pub(crate) clock: Clock,
    pub(crate) keys: Arc<Keys>,
    pub(crate) verifier: Verifier,
}

impl World {
    pub(crate) fn new() -> Self {
        let time = ManualClock::at("2026-03-01T12:00:00Z".parse().unwrap());
        let clock = time.clock();
        let keys = Arc::new(Keys::default());
        keys.set(vec![jwk(&KEY, "k1")]);
        let revocations = Revocations::new(clock.clone());
        let verifier = Verifier::new(ISSUER, SERVICE, keys.clone(), revocations, clock.clone());
        Self { time, clock, keys, verifier }
    }

    pub(crate) fn claims(&self) -> Claims {
        let now = self.clock.now().timestamp();
        Claims {
            iss: ISSUER.to_owned(),
            sub: UserId::generate(&self.clock),
            aud: vec!["auth".to_owned(), SERVICE.to_owned()],
            exp: now + 900,
            iat: now,
            nbf: now,
            jti: "1".to_owned(),
            sid: SessionId::generate(&self.clock),
            wid: None,
            auth_time: now,
            amr: vec!["pwd".to_owned()],
            adm: false,
        }
    }

    /// The reason for which a token is refused.
    pub(crate) async fn denial(&self, token: &str) -> Denial {
        match self.verifier.verify(token).await {
            Err(AccessError::Denied(denial)) => denial,
            other => panic!("not denied: {other:?}"),
        }
    }
}

pub(crate) fn header() -> Header {
    Header { typ: Some(TOKEN_TYPE.to_owned()), kid: Some("k1".to_owned()), ..Header::new(Algorithm::RS256) }
}

pub(crate) fn sign(claims: &Claims) -> String {
    jsonwebtoken::encode(&header(), claims, &KEY).unwrap()
}
