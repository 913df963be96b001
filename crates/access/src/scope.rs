//! What an API key may be used for, apart from what its owner's role allows: a request passes both.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Permission;

/// A kind of operations that a key is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Reading.
    Read,
    /// Changing what workspaces are filled with.
    Write,
    /// Running workspaces: members, plan, settings, webhooks.
    Admin,
    /// The council.
    Agents,
    /// Conversations with personas, and sessions with agents.
    Sessions,
    /// Webhooks.
    Webhooks,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Read, Self::Write, Self::Admin, Self::Agents, Self::Sessions, Self::Webhooks];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
            Self::Agents => "agents",
            Self::Sessions => "sessions",
            Self::Webhooks => "webhooks",
        }
    }

    /// The scope that is called so.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }

    /// Whether an operation that asks for `permission` is of this kind.
    ///
    /// Every permission is of at least one, new ones too, and what runs a workspace is never just writing.
    pub fn covers(self, permission: Permission) -> bool {
        let (resource, action) = permission.as_str().split_once(':').unwrap_or_default();
        match self {
            Self::Read => action == "read",
            Self::Write => action != "read" && !permission.is_administrative() && resource != "agents",
            Self::Admin => permission.is_administrative(),
            Self::Agents => resource == "agents",
            Self::Sessions => ["chat", "sessions"].contains(&resource),
            Self::Webhooks => resource == "webhooks",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission;

    #[test]
    fn every_permission_is_of_some_scope() {
        for permission in permission::ALL {
            assert!(Scope::ALL.iter().any(|scope| scope.covers(*permission)), "{permission}");
        }
    }

    #[test]
    fn what_runs_a_workspace_takes_more_than_read_and_write() {
        for permission in permission::ALL.iter().filter(|permission| permission.is_administrative()) {
            assert!(!Scope::Write.covers(*permission) && !Scope::Read.covers(*permission), "{permission}");
        }
        assert!(!Scope::Webhooks.covers(permission::MEMBERS_MANAGE));
        assert!(!Scope::Admin.covers(permission::STARTUPS_READ));
        assert!(!Scope::Write.covers(permission::AGENTS_RUN));
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.as_str()), Some(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
        }
        assert_eq!(Scope::parse("Read"), None);
    }
}
