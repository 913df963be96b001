use chrono::{DateTime, Utc};
use witan_ids::{SessionId, UserId, WorkspaceId};

/// Who is calling, as a verified credential says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The user.
    pub user_id: UserId,
    /// The log-in that the credential belongs to.
    pub session_id: SessionId,
    /// The workspace that is meant where a request selects none.
    pub default_workspace: Option<WorkspaceId>,
    /// When the credential ends.
    pub expires_at: DateTime<Utc>,
}
