use chrono::{DateTime, Utc};
use witan_ids::{ApiKeyId, SessionId, UserId, WorkspaceId};

use crate::Scope;

/// What is more than one thing that one knows, as `amr` names it (RFC 8176): a code of an app, a recovery code, a passkey.
const SECOND_FACTORS: [&str; 3] = ["otp", "recovery", "passkey"];

/// Who is calling, as a verified credential says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The user; for a key of a workspace, the key itself.
    pub user_id: UserId,
    /// What they showed.
    pub credential: Credential,
    /// The workspace that is meant where a request selects none.
    pub default_workspace: Option<WorkspaceId>,
    /// When the credential ends.
    pub expires_at: DateTime<Utc>,
    /// When the person last proved who they are; for a key, when it was made.
    pub authenticated_at: DateTime<Utc>,
    /// How they did (`amr`, RFC 8176); for a key, how whoever made it did.
    pub methods: Vec<String>,
    /// Whether they run the installation.
    pub platform_admin: bool,
}

/// What somebody shows to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// An access token, of a log-in.
    Session(SessionId),
    /// An API key.
    ApiKey(ApiKeyGrant),
}

/// What an API key may be used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyGrant {
    /// The key.
    pub key_id: ApiKeyId,
    /// The kinds of operations it is good for.
    pub scopes: Vec<Scope>,
    /// The workspace that it belongs to and works in; `None` for the key of a person.
    pub workspace: Option<WorkspaceId>,
}

impl Principal {
    /// The log-in that asks, unless it is an API key.
    pub fn session_id(&self) -> Option<SessionId> {
        match &self.credential {
            Credential::Session(session) => Some(*session),
            Credential::ApiKey(_) => None,
        }
    }

    /// The API key that asks, unless it is a log-in.
    pub fn api_key(&self) -> Option<&ApiKeyGrant> {
        match &self.credential {
            Credential::Session(_) => None,
            Credential::ApiKey(grant) => Some(grant),
        }
    }

    /// Whether the person showed more than a password or a mailbox.
    pub fn has_second_factor(&self) -> bool {
        self.methods.iter().any(|method| SECOND_FACTORS.contains(&method.as_str()))
    }
}

impl ApiKeyGrant {
    /// Whether the key is good for operations of this scope.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}
