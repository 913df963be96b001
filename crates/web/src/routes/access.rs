use witan_access::Permission;

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever is logged in.
    User,
    /// A member of the workspace that `X-Workspace-Id` selects, or of the token's own, with this permission.
    Workspace(Permission),
    /// A member of the workspace that the path parameter `workspaceId` names, with this permission.
    PathWorkspace(Permission),
    /// Whoever runs the installation.
    Platform,
    /// Another service.
    Internal,
}

impl Access {
    /// The permission it asks for, if any.
    pub fn permission(self) -> Option<Permission> {
        match self {
            Self::Workspace(permission) | Self::PathWorkspace(permission) => Some(permission),
            Self::Public | Self::User | Self::Platform | Self::Internal => None,
        }
    }

    /// Its kind in the OpenAPI document (`x-access`).
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Public => "PUBLIC",
            Self::User => "USER",
            Self::Workspace(_) | Self::PathWorkspace(_) => "WORKSPACE",
            Self::Platform => "PLATFORM",
            Self::Internal => "INTERNAL",
        }
    }

    /// Whether it is about running a workspace or the installation.
    pub(crate) fn is_administrative(self) -> bool {
        self == Self::Platform || self.permission().is_some_and(Permission::is_administrative)
    }

    /// Whether somebody must be logged in.
    pub fn needs_user(self) -> bool {
        matches!(self, Self::User | Self::Workspace(_) | Self::PathWorkspace(_) | Self::Platform)
    }
}

/// Which limits a request is held against, besides the general one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum RateClass {
    /// None.
    #[default]
    General,
    /// The one for operations that cost something, per user.
    Api,
    /// The one for operations that passwords and tokens could be guessed with, per address.
    Auth,
}
