use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far a claim to a domain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DomainStatus {
    /// Nothing proves it yet.
    Pending,
    /// The DNS proved it; it is this workspace's and no other's.
    Verified,
    /// It was proved, and the record was gone for days.
    Lost,
}

impl DomainStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Verified => "VERIFIED",
            Self::Lost => "LOST",
        }
    }

    /// The status of a column, whose values a CHECK limits; what is unknown proves nothing.
    pub(crate) fn from_column(text: &str) -> Self {
        [Self::Verified, Self::Lost]
            .into_iter()
            .find(|status| status.as_str() == text)
            .unwrap_or(Self::Pending)
    }
}
