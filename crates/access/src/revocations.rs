use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use witan_clock::Clock;
use witan_ids::SessionId;

/// Sessions that ended before their access tokens did. Clones share one list.
///
/// A session stays on it until the last token it was given has expired by itself.
#[derive(Debug, Clone)]
pub struct Revocations {
    clock: Clock,
    until: Arc<RwLock<HashMap<SessionId, DateTime<Utc>>>>,
}

impl Revocations {
    /// An empty list.
    pub fn new(clock: Clock) -> Self {
        Self { clock, until: Arc::default() }
    }

    /// Refuses the session's tokens until the last of them has expired.
    pub fn revoke(&self, session: SessionId, until: DateTime<Utc>) {
        self.replace_all([(session, until)]);
    }

    /// Takes in a snapshot of what is revoked.
    ///
    /// What is known already stays: an event may have arrived after the snapshot was taken, and nothing that was
    /// revoked ever becomes valid again.
    pub fn replace_all(&self, revoked: impl IntoIterator<Item = (SessionId, DateTime<Utc>)>) {
        let now = self.clock.now();
        let mut known = self.until.write().unwrap_or_else(PoisonError::into_inner);
        for (session, until) in revoked {
            let entry = known.entry(session).or_insert(until);
            *entry = until.max(*entry);
        }
        known.retain(|_, until| *until > now);
    }

    /// Whether the session was ended.
    pub fn is_revoked(&self, session: SessionId) -> bool {
        self.until.read().unwrap_or_else(PoisonError::into_inner).contains_key(&session)
    }

    /// How many sessions are on the list.
    pub fn len(&self) -> usize {
        self.until.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
