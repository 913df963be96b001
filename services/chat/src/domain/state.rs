use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Role {
    /// A person of the workspace.
    User,
    /// The persona.
    Assistant,
}

/// Where a message stands. Only `STREAMING` ever changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum MessageState {
    /// Being answered now.
    Streaming,
    /// All of it.
    Complete,
    /// Broken off; what had come is kept.
    Failed,
    /// Stopped by a person; what had come is kept.
    Stopped,
}

/// Who may see a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Visibility {
    /// Its owner alone.
    Private,
    /// Every member of the workspace; only the owner changes it.
    Shared,
}

/// Who answers for a persona.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum BackendKind {
    /// A language model.
    Model,
    /// A workflow of the workspace's own, called by HTTP.
    Webhook,
    /// The council of models.
    Council,
}

/// Where a persona belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Scope {
    /// To the platform: every workspace has it.
    Platform,
    /// To this workspace.
    Workspace,
}

impl Role {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Assistant => "ASSISTANT",
        }
    }

    /// As stored; the table's CHECK leaves no other value.
    pub(crate) fn from_column(text: &str) -> Self {
        if text == "USER" { Self::User } else { Self::Assistant }
    }
}

impl MessageState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Streaming => "STREAMING",
            Self::Complete => "COMPLETE",
            Self::Failed => "FAILED",
            Self::Stopped => "STOPPED",
        }
    }

    /// As stored; the table's CHECK leaves no other value.
    pub(crate) fn from_column(text: &str) -> Self {
        match text {
            "COMPLETE" => Self::Complete,
            "FAILED" => Self::Failed,
            "STOPPED" => Self::Stopped,
            _ => Self::Streaming,
        }
    }
}

impl Visibility {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Private => "PRIVATE",
            Self::Shared => "SHARED",
        }
    }

    /// As stored; whatever is not known to be shared is private.
    pub(crate) fn from_column(text: &str) -> Self {
        if text == "SHARED" { Self::Shared } else { Self::Private }
    }
}

impl BackendKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Model => "MODEL",
            Self::Webhook => "WEBHOOK",
            Self::Council => "COUNCIL",
        }
    }

    /// As stored; the table's CHECK leaves no other value.
    pub(crate) fn from_column(text: &str) -> Self {
        match text {
            "WEBHOOK" => Self::Webhook,
            "COUNCIL" => Self::Council,
            _ => Self::Model,
        }
    }
}
