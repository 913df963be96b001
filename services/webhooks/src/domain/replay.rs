//! Sending again what was sent, or what did not arrive.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::state::DeliveryState;

/// Deliveries that one replay has on their way at a time: what a live event can meet at its endpoint.
pub(crate) const BACKLOG: i64 = 32;

/// Which deliveries are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = WebhookReplayKind)]
pub(crate) enum ReplayKind {
    /// All of them.
    Replay,
    /// Those that failed, and those that were never sent because the endpoint was disabled.
    Recover,
}

/// How far a replay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = WebhookReplayState)]
pub(crate) enum ReplayState {
    Running,
    /// Everything is on its way.
    Completed,
    /// Somebody ended it, or its endpoint was disabled.
    Cancelled,
}

impl ReplayKind {
    /// What is sent again. What is on its way or held is not: it will arrive without that.
    pub(crate) fn states(self) -> &'static [DeliveryState] {
        use DeliveryState::{Cancelled, Failed, Succeeded};
        match self {
            Self::Replay => &[Succeeded, Failed, Cancelled],
            Self::Recover => &[Failed, Cancelled],
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Replay => "REPLAY",
            Self::Recover => "RECOVER",
        }
    }

    /// As stored; the table's CHECK leaves no other value.
    pub(crate) fn from_column(text: &str) -> Self {
        if text == "RECOVER" { Self::Recover } else { Self::Replay }
    }
}

impl ReplayState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// As stored; the table's CHECK leaves no other value.
    pub(crate) fn from_column(text: &str) -> Self {
        match text {
            "COMPLETED" => Self::Completed,
            "CANCELLED" => Self::Cancelled,
            _ => Self::Running,
        }
    }
}
