use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::state::EndpointState;

/// Whether a receiver must agree before it gets anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = WebhookVerification)]
pub(crate) enum Verification {
    /// It gets its events at once.
    #[default]
    None,
    /// Not before it has agreed.
    Required,
}

impl Verification {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Required => "REQUIRED",
        }
    }

    /// As stored; the table's CHECK leaves no other value.
    pub(crate) fn from_column(text: &str) -> Self {
        match text {
            "REQUIRED" => Self::Required,
            _ => Self::None,
        }
    }

    /// What an endpoint is that somebody wants to be enabled.
    pub(crate) fn enabled(self, verified: bool) -> EndpointState {
        match self {
            Self::Required if !verified => EndpointState::Unverified,
            _ => EndpointState::Enabled,
        }
    }
}
