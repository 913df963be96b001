//! The keys that a provider publishes.

use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use serde::Deserialize;
use serde_json::Value;

/// What tokens may be signed with. Nothing symmetric: a public key must never be of use as a secret.
pub(super) const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];

/// A key set as it is published.
#[derive(Deserialize)]
pub(super) struct Published {
    keys: Vec<Value>,
}

impl Published {
    /// Those that signatures can be verified with. Kinds that nobody knows here are no fault of the others.
    pub(super) fn usable(self) -> Vec<Jwk> {
        self.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).filter(is_usable).collect()
    }
}

fn is_usable(key: &Jwk) -> bool {
    ALGORITHMS.iter().any(|algorithm| suits(key, *algorithm))
}

/// Whether the key is made for the algorithm and meant for signatures.
fn suits(key: &Jwk, algorithm: Algorithm) -> bool {
    let kind = match (&key.algorithm, algorithm) {
        (AlgorithmParameters::RSA(_), Algorithm::RS256) => true,
        (AlgorithmParameters::EllipticCurve(curve), Algorithm::ES256) => curve.curve == EllipticCurve::P256,
        (AlgorithmParameters::OctetKeyPair(pair), Algorithm::EdDSA) => pair.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    let signs = key.common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature);
    let declared = key.common.key_algorithm.is_none_or(|declared| declared == KeyAlgorithm::from(algorithm));
    kind && signs && declared
}

/// The key that a token names; the only one there is when it names none (OpenID Connect Core section 10.1).
pub(super) fn select<'a>(keys: &'a [Jwk], kid: Option<&str>, algorithm: Algorithm) -> Option<&'a Jwk> {
    let mut suitable = keys.iter().filter(|key| suits(key, algorithm));
    match kid {
        Some(kid) => suitable.find(|key| key.common.key_id.as_deref() == Some(kid)),
        None => suitable.next().filter(|_| suitable.next().is_none()),
    }
}
