use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether a member may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum MemberStatus {
    /// They may.
    Active,
    /// Not for now; everything of theirs is kept.
    Inactive,
}

impl MemberStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
        }
    }

    /// The status of a column, whose values a CHECK limits; what is unknown does not act.
    pub(crate) fn from_column(text: &str) -> Self {
        if text == "ACTIVE" { Self::Active } else { Self::Inactive }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_does_not_act() {
        assert_eq!(MemberStatus::from_column("?"), MemberStatus::Inactive);
        assert_eq!(MemberStatus::from_column("ACTIVE"), MemberStatus::Active);
    }
}
