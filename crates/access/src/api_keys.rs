use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use moka::future::Cache;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use witan_clock::Clock;
use witan_ids::{ApiKeyId, UserId, WorkspaceId};

use crate::api_key::ApiKeyProof;
use crate::{AccessError, ApiKeyGrant, Credential, Denial, Principal, Scope};

/// How long a key is believed when no event contradicts it.
const KNOWN_FOR: Duration = Duration::from_secs(30);
/// How long a key that nobody knows is refused without asking again.
const UNKNOWN_FOR: Duration = Duration::from_secs(10);
/// How many of each are kept, apart from each other: made-up keys must not push real ones out.
const CAPACITY: u64 = 10_000;
/// How long a revoked key is remembered: longer than an answer that was under way is believed.
const REVOKED_FOR: Duration = Duration::from_secs(120);
/// How many may be asked for at once, made-up ones included.
const ASKING: usize = 64;
/// How long a caller waits for an answer, the wait for others included.
const DEADLINE: Duration = Duration::from_secs(2);

/// What auth says of a key that is good at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyRecord {
    /// The key.
    pub key_id: ApiKeyId,
    /// Whom it stands for: a person, or a workspace's key itself.
    pub user_id: UserId,
    /// The workspace that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    /// The workspace that is meant where a request selects none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_workspace_id: Option<WorkspaceId>,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// How whoever made it was proved (`amr`).
    #[serde(default)]
    pub methods: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Knows API keys.
#[async_trait]
pub trait ApiKeySource: Send + Sync {
    /// The key that the proof is of, if it is good at this moment.
    ///
    /// # Errors
    /// When whoever knows does not answer.
    async fn find(&self, proof: &ApiKeyProof) -> Result<Option<ApiKeyRecord>, AccessError>;
}

/// API keys kept for seconds, and refused at once when an event says that they were revoked. Clones share them.
#[derive(Clone)]
pub struct ApiKeys {
    source: Arc<dyn ApiKeySource>,
    known: Cache<ApiKeyProof, Arc<Principal>>,
    unknown: Cache<ApiKeyProof, ()>,
    revoked: Arc<RwLock<HashMap<ApiKeyId, Instant>>>,
    /// Grows whenever all is forgotten, so that an answer that was under way meanwhile is not kept.
    epoch: Arc<AtomicU64>,
    asking: Arc<Semaphore>,
    clock: Clock,
}

impl ApiKeys {
    /// Asks `source` for what is not known.
    pub fn new(source: Arc<dyn ApiKeySource>, clock: Clock) -> Self {
        Self {
            source,
            known: Cache::builder().max_capacity(CAPACITY).time_to_live(KNOWN_FOR).build(),
            unknown: Cache::builder().max_capacity(CAPACITY).time_to_live(UNKNOWN_FOR).build(),
            revoked: Arc::default(),
            epoch: Arc::default(),
            asking: Arc::new(Semaphore::new(ASKING)),
            clock,
        }
    }

    /// Who the key stands for.
    ///
    /// # Errors
    /// When it does not hold, or when it is not known and whoever knows does not answer within two seconds.
    pub async fn verify(&self, key: &str) -> Result<Arc<Principal>, AccessError> {
        let proof = ApiKeyProof::of(key).ok_or(Denial::ApiKey)?;
        let principal = match self.known.get(&proof).await {
            Some(known) => known,
            None => {
                let asked = tokio::time::timeout(DEADLINE, self.ask(&proof));
                asked.await.unwrap_or_else(|late| Err(AccessError::unavailable("API keys", late)))?
            }
        };
        // Looked at on every request, also for an answer that was under way when the event came.
        let revoked = principal.api_key().is_some_and(|grant| self.is_revoked(grant.key_id));
        if revoked || principal.expires_at <= self.clock.now() {
            return Err(Denial::ApiKey.into());
        }
        Ok(principal)
    }

    /// Refuses a key from now on.
    pub fn revoke(&self, key: ApiKeyId) {
        let mut revoked = self.revoked.write().unwrap_or_else(PoisonError::into_inner);
        revoked.retain(|_, at| at.elapsed() < REVOKED_FOR);
        revoked.insert(key, Instant::now());
    }

    /// Forgets what is known, such as after events may have been missed.
    pub fn clear(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.known.invalidate_all();
        self.unknown.invalidate_all();
    }

    fn is_revoked(&self, key: ApiKeyId) -> bool {
        self.revoked.read().unwrap_or_else(PoisonError::into_inner).contains_key(&key)
    }

    async fn ask(&self, proof: &ApiKeyProof) -> Result<Arc<Principal>, AccessError> {
        let closed = |error| AccessError::unavailable("API keys", error);
        let _turn = self.asking.acquire().await.map_err(closed)?;
        if let Some(known) = self.known.get(proof).await {
            return Ok(known);
        }
        if self.unknown.contains_key(proof) {
            return Err(Denial::ApiKey.into());
        }
        let epoch = self.epoch.load(Ordering::SeqCst);
        match self.source.find(proof).await? {
            Some(record) => {
                let principal = Arc::new(principal(record));
                self.known.insert(proof.clone(), principal.clone()).await;
                if self.is_past(epoch) {
                    self.known.invalidate(proof).await;
                }
                Ok(principal)
            }
            None => {
                self.unknown.insert(proof.clone(), ()).await;
                if self.is_past(epoch) {
                    self.unknown.invalidate(proof).await;
                }
                Err(Denial::ApiKey.into())
            }
        }
    }

    /// Whether all was forgotten since.
    fn is_past(&self, epoch: u64) -> bool {
        self.epoch.load(Ordering::SeqCst) != epoch
    }
}

fn principal(record: ApiKeyRecord) -> Principal {
    Principal {
        user_id: record.user_id,
        credential: Credential::ApiKey(ApiKeyGrant {
            key_id: record.key_id,
            scopes: record.scopes,
            workspace: record.workspace_id,
        }),
        default_workspace: record.workspace_id.or(record.default_workspace_id),
        expires_at: record.expires_at,
        authenticated_at: record.created_at,
        methods: record.methods,
        // Who runs the installation does it in person.
        platform_admin: false,
    }
}
