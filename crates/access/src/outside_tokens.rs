use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use jsonwebtoken::dangerous::insecure_decode_claims;
use moka::future::Cache;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use witan_clock::Clock;
use witan_ids::{SessionId, UserId, WorkspaceId};

use crate::issuers::Issuers;
use crate::verifier::hash;
use crate::{AccessError, Credential, Denial, Principal, Revocations};

/// How long an answer is believed when no event contradicts it.
const KNOWN_FOR: Duration = Duration::from_secs(30);
/// How long a token that was refused is refused without asking again.
const REFUSED_FOR: Duration = Duration::from_secs(10);
/// How many of each are kept, apart from each other: made-up tokens must not push real ones out.
const CAPACITY: u64 = 10_000;
/// How many may be asked for at once, made-up ones included.
const ASKING: usize = 64;
/// How long a caller waits for an answer, the wait for others included.
const DEADLINE: Duration = Duration::from_secs(2);
/// Longer ones are not read at all. Some providers put every role of a person into theirs.
pub const MAX_OUTSIDE_TOKEN_BYTES: usize = 16 * 1024;

/// Whom auth takes a token of another issuer for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutsideTokenRecord {
    /// The user.
    pub user_id: UserId,
    /// The session that stands for the one at the issuer.
    pub session_id: SessionId,
    /// The workspace that is meant where a request selects none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_workspace_id: Option<WorkspaceId>,
    /// Until when it may be believed: never longer than the token.
    pub expires_at: DateTime<Utc>,
    /// When the person last proved who they are.
    pub authenticated_at: DateTime<Utc>,
    /// How they did (`amr`).
    pub methods: Vec<String>,
    /// Whether they run the installation.
    #[serde(default)]
    pub platform_admin: bool,
}

/// What auth says of a token of another issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OutsideTokenVerdict {
    /// It holds.
    Accepted(OutsideTokenRecord),
    /// Its time is over.
    Expired,
    /// The session that it belongs to was ended.
    Ended,
    /// Anything else; who may not come in learns no more.
    Refused,
}

/// Knows the issuers beside our own, and whom their tokens speak of.
#[async_trait]
pub trait OutsideTokenSource: Send + Sync {
    /// The issuers whose tokens are taken.
    ///
    /// # Errors
    /// When whoever knows does not answer.
    async fn issuers(&self) -> Result<Vec<String>, AccessError>;

    /// Whom the token speaks of, if it holds at this moment.
    ///
    /// # Errors
    /// When whoever knows does not answer.
    async fn judge(&self, token: &str) -> Result<OutsideTokenVerdict, AccessError>;
}

/// Tokens of other issuers, each kept for seconds. Their sessions are ours, and end as ours do. Clones share them.
#[derive(Clone)]
pub struct OutsideTokens {
    source: Arc<dyn OutsideTokenSource>,
    issuers: Arc<Issuers>,
    revocations: Revocations,
    known: Cache<[u8; 32], Arc<Principal>>,
    refused: Cache<[u8; 32], Denial>,
    /// Grows whenever all is forgotten, so that an answer that was under way meanwhile is not kept.
    epoch: Arc<AtomicU64>,
    asking: Arc<Semaphore>,
    clock: Clock,
}

#[derive(Deserialize)]
struct Issued {
    iss: String,
}

/// Who is said to have issued a token. Nothing of it is verified: it only says whom to ask.
pub fn claimed_issuer(token: &str) -> Option<String> {
    if token.len() > MAX_OUTSIDE_TOKEN_BYTES {
        return None;
    }
    insecure_decode_claims::<Issued>(token).ok().map(|issued| issued.iss)
}

impl OutsideTokens {
    /// Asks `source` for what is not known; tokens of `own` are never its business.
    pub fn new(
        own: &str,
        source: Arc<dyn OutsideTokenSource>,
        revocations: Revocations,
        clock: Clock,
    ) -> Self {
        Self {
            issuers: Arc::new(Issuers::new(own, source.clone())),
            source,
            revocations,
            known: Cache::builder().max_capacity(CAPACITY).time_to_live(KNOWN_FOR).build(),
            refused: Cache::builder().max_capacity(CAPACITY).time_to_live(REFUSED_FOR).build(),
            epoch: Arc::default(),
            asking: Arc::new(Semaphore::new(ASKING)),
            clock,
        }
    }

    /// Whether the token says that it is of an issuer which is trusted. Costs a question every few minutes, however many
    /// issuers are made up.
    ///
    /// # Errors
    /// When it is not known whom to trust and whoever knows does not answer.
    pub async fn claims(&self, token: &str) -> Result<bool, AccessError> {
        match claimed_issuer(token) {
            Some(issuer) => self.issuers.trust(&issuer).await,
            None => Ok(false),
        }
    }

    /// Who the token stands for.
    ///
    /// # Errors
    /// When it does not hold, or when it is not known and whoever knows does not answer within two seconds.
    pub async fn verify(&self, token: &str) -> Result<Arc<Principal>, AccessError> {
        if token.len() > MAX_OUTSIDE_TOKEN_BYTES {
            return Err(Denial::Malformed.into());
        }
        let hash = hash(token);
        let principal = match self.known_now(&hash).await {
            Some(known) => known,
            None => {
                let asked = tokio::time::timeout(DEADLINE, self.ask(hash, token));
                asked.await.unwrap_or_else(|late| Err(AccessError::unavailable("outside tokens", late)))?
            }
        };
        // Looked at on every request, also for an answer that was under way when the event came.
        if principal.session_id().is_some_and(|session| self.revocations.is_revoked(session)) {
            return Err(Denial::Revoked.into());
        }
        if principal.expires_at <= self.clock.now() {
            return Err(Denial::Expired.into());
        }
        Ok(principal)
    }

    /// Forgets what is known of tokens, such as after events may have been missed.
    pub fn clear(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.known.invalidate_all();
        self.refused.invalidate_all();
    }

    /// What is kept, unless its own end has come: whoever knows may have prolonged it.
    async fn known_now(&self, hash: &[u8; 32]) -> Option<Arc<Principal>> {
        let known = self.known.get(hash).await?;
        (known.expires_at > self.clock.now()).then_some(known)
    }

    async fn ask(&self, hash: [u8; 32], token: &str) -> Result<Arc<Principal>, AccessError> {
        let closed = |error| AccessError::unavailable("outside tokens", error);
        let _turn = self.asking.acquire().await.map_err(closed)?;
        if let Some(known) = self.known_now(&hash).await {
            return Ok(known);
        }
        if let Some(denial) = self.refused.get(&hash).await {
            return Err(denial.into());
        }
        let epoch = self.epoch.load(Ordering::SeqCst);
        match admit(self.source.judge(token).await?) {
            Ok(principal) => {
                let principal = Arc::new(principal);
                self.known.insert(hash, principal.clone()).await;
                if self.is_past(epoch) {
                    self.known.invalidate(&hash).await;
                }
                Ok(principal)
            }
            Err(denial) => {
                self.refused.insert(hash, denial).await;
                if self.is_past(epoch) {
                    self.refused.invalidate(&hash).await;
                }
                Err(denial.into())
            }
        }
    }

    /// Whether all was forgotten since.
    fn is_past(&self, epoch: u64) -> bool {
        self.epoch.load(Ordering::SeqCst) != epoch
    }
}

fn admit(verdict: OutsideTokenVerdict) -> Result<Principal, Denial> {
    let record = match verdict {
        OutsideTokenVerdict::Accepted(record) => record,
        OutsideTokenVerdict::Expired => return Err(Denial::Expired),
        OutsideTokenVerdict::Ended => return Err(Denial::Revoked),
        OutsideTokenVerdict::Refused => return Err(Denial::Outside),
    };
    Ok(record.into())
}

impl From<OutsideTokenRecord> for Principal {
    fn from(record: OutsideTokenRecord) -> Self {
        Self {
            user_id: record.user_id,
            credential: Credential::Session(record.session_id),
            default_workspace: record.default_workspace_id,
            expires_at: record.expires_at,
            authenticated_at: record.authenticated_at,
            methods: record.methods,
            platform_admin: record.platform_admin,
        }
    }
}
