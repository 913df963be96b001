use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_access::{Permission, permission};

/// What a member is in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Role {
    /// May do everything.
    Admin,
    /// Works in the workspace and does not run it.
    Member,
}

impl Role {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "ADMIN",
            Self::Member => "MEMBER",
        }
    }

    /// The role of a column, whose values a CHECK limits; what is unknown is given the least.
    pub(crate) fn from_column(text: &str) -> Self {
        if text == "ADMIN" { Self::Admin } else { Self::Member }
    }

    pub(crate) fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Admin => permission::ADMIN,
            Self::Member => permission::MEMBER,
        }
    }
}

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

    pub(crate) fn from_column(text: &str) -> Self {
        if text == "ACTIVE" { Self::Active } else { Self::Inactive }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_nobody_knows_gives_no_rights() {
        assert_eq!(Role::from_column("OWNER"), Role::Member);
        assert_eq!(MemberStatus::from_column("?"), MemberStatus::Inactive);
    }

    #[test]
    fn a_member_may_not_what_only_an_admin_may() {
        assert!(Role::Admin.permissions().contains(&permission::STARTUPS_WRITE));
        assert!(!Role::Member.permissions().contains(&permission::STARTUPS_WRITE));
        assert!(Role::Member.permissions().contains(&permission::STARTUPS_READ));
    }
}
