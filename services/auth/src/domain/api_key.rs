//! API keys: whose they are, and how they end.

use chrono::{DateTime, Utc};
use witan_access::Scope;
use witan_ids::{ApiKeyId, UserId, WorkspaceId};

/// Most keys that one person, or one workspace, has at a time.
pub const MOST_KEYS: i64 = 20;
/// The longest that a key lasts, in days.
pub const LONGEST_DAYS: i64 = 365;
/// How long one lasts where nobody says, in days.
pub const USUAL_DAYS: i64 = 90;

/// Whose key it is, which is also where it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOwner {
    /// A person's: it does what they may do, wherever they belong.
    User(UserId),
    /// A workspace's: it works there alone, also when whoever made it has left.
    Workspace(WorkspaceId),
}

impl KeyOwner {
    /// Whom requests with the key stand for. A workspace's key is nobody but itself, and never sees what belongs to
    /// the person who made it.
    pub fn identity(self, key: ApiKeyId) -> UserId {
        match self {
            Self::User(user) => user,
            Self::Workspace(_) => UserId::from_uuid(key.uuid()),
        }
    }

    /// The workspace, if it is one.
    pub fn workspace(self) -> Option<WorkspaceId> {
        match self {
            Self::User(_) => None,
            Self::Workspace(workspace) => Some(workspace),
        }
    }
}

/// Why a key ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEnd {
    /// Its owner wanted it to.
    Revoked,
    /// Another one took its place.
    Replaced,
}

impl KeyEnd {
    /// Its name in the table and in events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Replaced => "replaced",
        }
    }
}

/// Whether a key that ends at `expires_at`, and was perhaps revoked, is good at `now`.
pub fn is_good(revoked_at: Option<DateTime<Utc>>, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    revoked_at.is_none() && now < expires_at
}

/// The scopes that are meant, each once, in their usual order.
pub fn ordered(mut scopes: Vec<Scope>) -> Vec<Scope> {
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use witan_clock::Clock;

    use super::*;

    #[test]
    fn a_workspaces_key_is_nobody_but_itself() {
        let clock = Clock::system();
        let (key, user) = (ApiKeyId::generate(&clock), UserId::generate(&clock));
        assert_eq!(KeyOwner::User(user).identity(key), user);
        let workspace = KeyOwner::Workspace(WorkspaceId::generate(&clock));
        assert_eq!(workspace.identity(key).uuid(), key.uuid());
    }

    #[test]
    fn a_key_is_good_until_it_ends_or_is_revoked() {
        let now = Clock::system().now();
        assert!(is_good(None, now + TimeDelta::seconds(1), now));
        assert!(!is_good(None, now, now));
        assert!(!is_good(Some(now), now + TimeDelta::days(1), now));
    }

    #[test]
    fn a_scope_counts_once() {
        let scopes = vec![Scope::Agents, Scope::Read, Scope::Agents];
        assert_eq!(ordered(scopes), [Scope::Read, Scope::Agents]);
    }
}
