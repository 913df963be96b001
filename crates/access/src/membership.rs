use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::Instant;
use witan_ids::{UserId, WorkspaceId};

use crate::{AccessError, Permission, Principal};

/// How long an answer is believed when no event contradicts it.
const TTL: Duration = Duration::from_secs(30);
/// How many answers are kept.
const CAPACITY: usize = 50_000;
/// How many questions may be under way at once; those about one user wait for each other.
const STRIPES: usize = 64;
/// How long a caller waits for an answer, the wait for others included.
const DEADLINE: Duration = Duration::from_secs(2);

/// A user's place in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Membership {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The user.
    pub user_id: UserId,
    /// `ADMIN`, `MEMBER`, or the id of one of the workspace's own roles, `rol_…`.
    pub role: String,
    /// What the role allows.
    pub permissions: Vec<String>,
    /// Whether the member may do anything at all.
    pub active: bool,
    /// Whether the workspace asks its members for a second factor.
    #[serde(default)]
    pub second_factor_required: bool,
    /// Whether the workspace will be deleted: then nobody works in it, and whoever runs it may take that back.
    #[serde(default)]
    pub deletion_pending: bool,
}

impl Membership {
    /// Whether the member may do this.
    pub fn allows(&self, permission: Permission) -> bool {
        self.active && self.permissions.iter().any(|held| held == permission.as_str())
    }

    /// Whether the workspace asks for more than `principal` has shown.
    pub fn wants_more_of(&self, principal: &Principal) -> bool {
        self.second_factor_required && !principal.has_second_factor()
    }
}

/// Knows who belongs to which workspace.
#[async_trait]
pub trait Memberships: Send + Sync {
    /// The user's place in `workspace`, or in their own default one where none is named.
    ///
    /// # Errors
    /// When whoever knows does not answer.
    async fn find(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
    ) -> Result<Option<Membership>, AccessError>;
}

type Key = (UserId, Option<WorkspaceId>);
type Answer = Option<Arc<Membership>>;

/// Memberships kept for seconds, and dropped at once when an event says that they changed. Clones share them.
#[derive(Clone)]
pub struct CachedMemberships(Arc<Shared>);

struct Shared {
    source: Arc<dyn Memberships>,
    kept: RwLock<Kept>,
    asking: [Mutex<()>; STRIPES],
}

#[derive(Default)]
struct Kept {
    answers: HashMap<Key, (Answer, Instant)>,
    /// Grows with every invalidation, so that an answer that was under way meanwhile is not kept.
    epoch: u64,
}

impl CachedMemberships {
    /// Asks `source` for what is not known.
    pub fn new(source: Arc<dyn Memberships>) -> Self {
        Self(Arc::new(Shared {
            source,
            kept: RwLock::default(),
            asking: [const { Mutex::const_new(()) }; STRIPES],
        }))
    }

    /// The user's place in `workspace`, or in their own default one where none is named.
    ///
    /// # Errors
    /// When it is not known and whoever knows does not answer within two seconds.
    pub async fn find(&self, user: UserId, workspace: Option<WorkspaceId>) -> Result<Answer, AccessError> {
        let key = (user, workspace);
        if let Some(answer) = self.known(&key) {
            return Ok(answer);
        }
        let asked = tokio::time::timeout(DEADLINE, self.ask(key));
        asked.await.unwrap_or_else(|late| Err(AccessError::unavailable("memberships", late)))
    }

    /// Forgets what is known about a user.
    pub fn invalidate_user(&self, user: UserId) {
        self.forget(|key, _| key.0 == user);
    }

    /// Forgets what is known about a workspace, and who was found to have none.
    pub fn invalidate_workspace(&self, workspace: WorkspaceId) {
        self.forget(|key, answer| match answer {
            Some(membership) => membership.workspace_id == workspace,
            None => key.1.is_none_or(|asked| asked == workspace),
        });
    }

    /// Forgets everything, such as after events may have been missed.
    pub fn clear(&self) {
        self.forget(|_, _| true);
    }

    fn known(&self, key: &Key) -> Option<Answer> {
        let kept = self.0.kept.read().unwrap_or_else(PoisonError::into_inner);
        let (answer, until) = kept.answers.get(key)?;
        (*until > Instant::now()).then(|| answer.clone())
    }

    async fn ask(&self, key: Key) -> Result<Answer, AccessError> {
        let stripe = (key.0.uuid().as_u128() % STRIPES as u128) as usize;
        let _turn = self.0.asking[stripe].lock().await;
        if let Some(answer) = self.known(&key) {
            return Ok(answer);
        }
        let epoch = self.0.kept.read().unwrap_or_else(PoisonError::into_inner).epoch;
        let answer = self.0.source.find(key.0, key.1).await?.map(Arc::new);
        self.keep(key, answer.clone(), epoch);
        Ok(answer)
    }

    fn keep(&self, key: Key, answer: Answer, epoch: u64) {
        let mut kept = self.0.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.epoch != epoch {
            return;
        }
        let now = Instant::now();
        if kept.answers.len() >= CAPACITY {
            kept.answers.retain(|_, (_, until)| *until > now);
        }
        if kept.answers.len() < CAPACITY {
            kept.answers.insert(key, (answer, now + TTL));
        }
    }

    fn forget(&self, mut what: impl FnMut(&Key, &Answer) -> bool) {
        let mut kept = self.0.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.epoch += 1;
        kept.answers.retain(|key, (answer, _)| !what(key, answer));
    }
}
