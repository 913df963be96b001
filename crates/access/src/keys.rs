use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::{AccessError, Denial};

/// How long a set of keys is used before it is fetched again.
const TTL: Duration = Duration::from_secs(5 * 60);
/// How long to wait after a fetch before an unknown key id may ask for another.
const PAUSE: Duration = Duration::from_secs(10);
/// How long to wait after a fetch that failed while nothing is known at all.
const PAUSE_AT_START: Duration = Duration::from_millis(500);
/// How long a first fetch may take; nobody can be let in before.
const DEADLINE: Duration = Duration::from_secs(2);

/// Knows the public keys that access tokens are signed with.
#[async_trait]
pub trait KeySource: Send + Sync {
    /// All keys that are valid now.
    ///
    /// # Errors
    /// When whoever knows does not answer.
    async fn jwks(&self) -> Result<JwkSet, AccessError>;
}

/// Keys by id. Old ones are used on while the source cannot be reached.
pub(crate) struct Keys {
    source: Arc<dyn KeySource>,
    known: RwLock<Known>,
    /// Held by the one caller that fetches.
    fetching: Mutex<()>,
}

#[derive(Default)]
struct Known {
    keys: HashMap<String, Arc<DecodingKey>>,
    fetched: Option<Instant>,
    /// Before this nobody asks again.
    not_before: Option<Instant>,
    /// Grows when a key is withdrawn.
    withdrawals: u64,
}

impl Keys {
    pub(crate) fn new(source: Arc<dyn KeySource>) -> Self {
        Self { source, known: RwLock::default(), fetching: Mutex::default() }
    }

    /// The key with this id.
    ///
    /// One that is known but no longer fresh is used at once while somebody else fetches, and when fetching fails.
    pub(crate) async fn find(&self, kid: &str) -> Result<Arc<DecodingKey>, AccessError> {
        if let Some(key) = self.fresh(kid) {
            return Ok(key);
        }
        match self.any_age(kid) {
            Some(_) => {
                if let Ok(_turn) = self.fetching.try_lock()
                    && let Err(error) = within_deadline(self.fetch(kid)).await
                {
                    tracing::warn!(%error, "using signing keys that are no longer fresh");
                }
                // The fetch may just have withdrawn it.
                self.any_age(kid).ok_or_else(|| Denial::UnknownKey.into())
            }
            None => {
                within_deadline(self.fetch_in_turn(kid)).await?;
                self.any_age(kid).ok_or_else(|| Denial::UnknownKey.into())
            }
        }
    }

    /// How many times keys were withdrawn; what was verified before a change must be verified again.
    pub(crate) fn withdrawals(&self) -> u64 {
        self.known.read().unwrap_or_else(PoisonError::into_inner).withdrawals
    }

    /// Fetches before anything else is believed.
    pub(crate) fn forget(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Known { withdrawals: known.withdrawals + 1, ..Known::default() };
    }

    /// Fetches, whatever is known.
    pub(crate) async fn refresh(&self) -> Result<(), AccessError> {
        within_deadline(self.fetch_in_turn("")).await
    }

    fn fresh(&self, kid: &str) -> Option<Arc<DecodingKey>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let fresh = known.fetched.is_some_and(|at| at.elapsed() < TTL);
        fresh.then(|| known.keys.get(kid).cloned()).flatten()
    }

    fn any_age(&self, kid: &str) -> Option<Arc<DecodingKey>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).keys.get(kid).cloned()
    }

    async fn fetch_in_turn(&self, kid: &str) -> Result<(), AccessError> {
        let _turn = self.fetching.lock().await;
        self.fetch(kid).await
    }

    /// Asks the source, unless that just happened: whoever sends made-up key ids must not make us hammer it.
    async fn fetch(&self, kid: &str) -> Result<(), AccessError> {
        if self.fresh(kid).is_some() {
            return Ok(());
        }
        if self.is_too_early() {
            return if self.knows_any() { Ok(()) } else { Err(never_fetched()) };
        }
        self.wait_before_next();
        let keys = usable(&self.source.jwks().await?);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.keys.keys().any(|kid| !keys.contains_key(kid)) {
            known.withdrawals += 1;
        }
        known.keys = keys;
        known.fetched = Some(Instant::now());
        known.not_before = Some(Instant::now() + PAUSE);
        Ok(())
    }

    fn knows_any(&self) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).fetched.is_some()
    }

    fn is_too_early(&self) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.not_before.is_some_and(|at| Instant::now() < at)
    }

    fn wait_before_next(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let pause = if known.fetched.is_some() { PAUSE } else { PAUSE_AT_START };
        known.not_before = Some(Instant::now() + pause);
    }
}

async fn within_deadline(fetch: impl Future<Output = Result<(), AccessError>>) -> Result<(), AccessError> {
    let fetched = tokio::time::timeout(DEADLINE, fetch).await;
    fetched.unwrap_or_else(|late| Err(AccessError::unavailable("signing keys", late)))
}

fn never_fetched() -> AccessError {
    AccessError::unavailable("signing keys", "they could not be fetched a moment ago")
}

/// Keys for RS256 signatures only; another kind under a known id must not be of use to anybody.
fn usable(set: &JwkSet) -> HashMap<String, Arc<DecodingKey>> {
    set.keys.iter().filter_map(usable_key).collect()
}

fn usable_key(jwk: &Jwk) -> Option<(String, Arc<DecodingKey>)> {
    let rsa = matches!(jwk.algorithm, AlgorithmParameters::RSA(_));
    let signs = jwk.common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature);
    let algorithm = jwk.common.key_algorithm.is_none_or(|algorithm| algorithm == KeyAlgorithm::RS256);
    if !(rsa && signs && algorithm) {
        return None;
    }
    let kid = jwk.common.key_id.clone()?;
    DecodingKey::from_jwk(jwk).ok().map(|key| (kid, Arc::new(key)))
}
