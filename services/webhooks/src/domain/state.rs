use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is done with an endpoint's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum EndpointState {
    /// Delivered.
    Enabled,
    /// Held until its receiver has agreed to be sent to.
    Unverified,
    /// Held until it resumes.
    Paused,
    /// Held until somebody fetches them: nothing is ever sent.
    Pulled,
    /// Given up: it answered 410, or failed for days. Enabling it again starts afresh, and what it missed can be recovered.
    Disabled,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DeliveryState {
    /// An attempt is due or running.
    Pending,
    /// Its endpoint is paused or not verified.
    Held,
    /// Answered with a 2xx.
    Succeeded,
    /// Every attempt of the schedule failed.
    Failed,
    /// Its endpoint was disabled.
    Cancelled,
}

impl EndpointState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Unverified => "UNVERIFIED",
            Self::Paused => "PAUSED",
            Self::Pulled => "PULLED",
            Self::Disabled => "DISABLED",
        }
    }

    /// As stored; the table's CHECK leaves no other value.
    pub(crate) fn from_column(text: &str) -> Self {
        match text {
            "UNVERIFIED" => Self::Unverified,
            "PAUSED" => Self::Paused,
            "PULLED" => Self::Pulled,
            "DISABLED" => Self::Disabled,
            _ => Self::Enabled,
        }
    }
}

impl DeliveryState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Held => "HELD",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// As stored; the table's CHECK leaves no other value.
    pub(crate) fn from_column(text: &str) -> Self {
        match text {
            "HELD" => Self::Held,
            "SUCCEEDED" => Self::Succeeded,
            "FAILED" => Self::Failed,
            "CANCELLED" => Self::Cancelled,
            _ => Self::Pending,
        }
    }
}
