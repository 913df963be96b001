//! The keys this process signs with and publishes.
//!
//! The table is the truth; the ring in memory is a copy that is read anew every half minute. That is soon enough:
//! a key is published for far longer than that before it signs anything (see [`crate::domain::signing_key`]).
//! The very first key of each purpose is made at start. When replicas start together, a unique index lets one
//! of them win and the others adopt its key.

mod access_key;
mod ring;
mod rotation;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use jsonwebtoken::jwk::JwkSet;
use serde::Serialize;
use witan_access::{AccessError, KeySource};
use witan_clock::Clock;
use witan_ids::KeyId;
use witan_lifecycle::Lifecycle;
use witan_pg::{Cipher, Pg, PgError, SystemTx};

use crate::domain::refresh_token::{self, RefreshToken};
use crate::domain::signing_key::KeyPurpose;
use crate::store::signing_keys::{signing_key_insert_first, signing_key_list};
use ring::Ring;

const RELOAD_EVERY: Duration = Duration::from_secs(30);

/// Signs, and knows what others may verify with. Clones share the ring.
#[derive(Clone)]
pub struct Keys(Arc<Shared>);

struct Shared {
    pg: Pg,
    cipher: Cipher,
    clock: Clock,
    ring: RwLock<Arc<Ring>>,
}

/// Keys could not be made, read or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The table cannot be reached.
    #[error("the signing keys cannot be read")]
    Store(#[from] PgError),
    /// The cipher does not open what is stored.
    #[error("the secret of {0} cannot be decrypted; is its encryption key still configured?")]
    Sealed(KeyId),
    /// What is stored is no key.
    #[error("{0} is not a usable key")]
    Malformed(KeyId),
    /// There is no key to sign with.
    #[error("there is no active {} key", .0.as_str())]
    NoneActive(KeyPurpose),
    /// The cryptographic library refused.
    #[error("the operation on {0} failed")]
    Crypto(&'static str),
}

impl Keys {
    /// Reads the keys, makes those that are missing, and keeps the copy fresh until the process stops.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub async fn open(pg: Pg, cipher: Cipher, clock: Clock, lifecycle: &Lifecycle) -> Result<Self, KeyError> {
        let ring = RwLock::new(Arc::new(Ring::default()));
        let keys = Self(Arc::new(Shared { pg, cipher, clock, ring }));
        keys.reload().await?;
        for purpose in KeyPurpose::ALL {
            if !keys.ring().has_active(purpose) {
                keys.make_first(purpose).await?;
            }
        }
        keys.reload().await?;
        lifecycle.spawn("keys.reload", keys.clone().keep_fresh(lifecycle.clone()));
        Ok(keys)
    }

    /// A signed JWT (RFC 7519) of `claims`, typed `at+jwt` (RFC 9068). It takes up to a millisecond of processor time, on
    /// the caller's thread: another one would have no less to do, and more of them than processors would only queue.
    ///
    /// # Errors
    /// [`KeyError::NoneActive`], [`KeyError::Crypto`].
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, KeyError> {
        let key = self.ring().signer().ok_or(KeyError::NoneActive(KeyPurpose::Access))?;
        let claims = serde_json::to_vec(claims).map_err(|_| KeyError::Crypto("claims"))?;
        key.sign(&claims)
    }

    /// A refresh token as text.
    ///
    /// # Errors
    /// [`KeyError::NoneActive`].
    pub fn seal(&self, token: RefreshToken) -> Result<String, KeyError> {
        let ring = self.ring();
        let key = ring.sealer().ok_or(KeyError::NoneActive(KeyPurpose::Refresh))?;
        Ok(key.seal(token))
    }

    /// The refresh token behind a text, or `None` when we did not seal it.
    pub fn open_refresh(&self, text: &str) -> Option<RefreshToken> {
        refresh_token::open(text, self.ring().openers(self.0.clock.now()))
    }

    /// The public half of every key that verifies (RFC 7517).
    pub fn published(&self) -> JwkSet {
        self.ring().published(self.0.clock.now())
    }

    /// Reads the table again.
    ///
    /// # Errors
    /// See [`KeyError`]. The ring stays as it was.
    pub async fn reload(&self) -> Result<(), KeyError> {
        let list = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> { signing_key_list(tx).await };
        let rows = self.0.pg.tx("keys.load", list).await?;
        let ring = Ring::unseal(rows, &self.0.cipher)?;
        *self.0.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        Ok(())
    }

    fn ring(&self) -> Arc<Ring> {
        self.0.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn make_first(&self, purpose: KeyPurpose) -> Result<(), KeyError> {
        let Shared { pg, clock, .. } = &*self.0;
        let (id, sealed) = self.make(purpose).await?;
        tracing::info!(key = %id, purpose = purpose.as_str(), "made the first key");
        let insert = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
            signing_key_insert_first(tx, id, purpose, &sealed, clock.now()).await
        };
        Ok(pg.tx("keys.make_first", insert).await?)
    }

    async fn keep_fresh(self, lifecycle: Lifecycle) {
        let stopping = lifecycle.stopping();
        while stopping.run_until_cancelled(tokio::time::sleep(RELOAD_EVERY)).await.is_some() {
            if let Err(error) = self.reload().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "using the keys read before");
            }
        }
    }
}

#[async_trait]
impl KeySource for Keys {
    /// Read from the table each time. Verifiers ask seldom, and when they do, another replica may just have replaced a
    /// key that leaked.
    async fn jwks(&self) -> Result<JwkSet, AccessError> {
        self.reload().await.map_err(|error| AccessError::unavailable("signing keys", error))?;
        Ok(self.published())
    }
}
