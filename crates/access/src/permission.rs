//! What a role may allow: `<resource>:<action>`.

use std::fmt;

/// The right to do one kind of thing in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Permission(&'static str);

impl Permission {
    /// Its text, such as `startups:write`.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether a workspace's own role may have it. The rest is for the role ADMIN alone.
    pub fn is_grantable(self) -> bool {
        self != WORKSPACE_DELETE
    }

    /// Whether it is about running the workspace. Such operations refuse rather than decide by stale state.
    pub fn is_administrative(self) -> bool {
        ADMINISTRATIVE.contains(&self)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! permissions {
    ($($name:ident $text:literal $doc:literal;)*) => {
        $(#[doc = $doc] pub const $name: Permission = Permission($text);)*
        /// Every permission there is.
        pub const ALL: &[Permission] = &[$($name),*];

        impl Permission {
            /// What it allows, as a sentence.
            pub fn meaning(self) -> &'static str {
                match self.0 {
                    $($text => $doc,)*
                    _ => "",
                }
            }
        }
    };
}

permissions! {
    WORKSPACE_READ "workspace:read" "See the workspace.";
    WORKSPACE_WRITE "workspace:write" "Change the workspace.";
    WORKSPACE_DELETE "workspace:delete" "Delete the workspace, take that back, and export it.";
    MEMBERS_READ "members:read" "See who belongs to the workspace.";
    MEMBERS_MANAGE "members:manage" "Add, change and remove members.";
    ROLES_MANAGE "roles:manage" "Make and change the workspace's own roles.";
    PROJECTS_READ "projects:read" "See projects.";
    PROJECTS_WRITE "projects:write" "Make and change projects.";
    STARTUPS_READ "startups:read" "See start-ups.";
    STARTUPS_WRITE "startups:write" "Describe and change start-ups.";
    PERSONAS_READ "personas:read" "See personas.";
    PERSONAS_WRITE "personas:write" "Make and change the workspace's own personas.";
    CHAT_READ "chat:read" "See one's conversations.";
    CHAT_WRITE "chat:write" "Talk to personas.";
    AGENTS_READ "agents:read" "See runs of the council.";
    AGENTS_RUN "agents:run" "Ask the council.";
    AGENTS_WRITE "agents:write" "Make and change the workspace's own agents.";
    SESSIONS_READ "sessions:read" "See one's sessions.";
    SESSIONS_WRITE "sessions:write" "Keep one's sessions.";
    PROVIDER_KEYS_MANAGE "provider-keys:manage" "Give and take the workspace's own keys with providers of models.";
    WEBHOOKS_READ "webhooks:read" "See endpoints and their deliveries.";
    WEBHOOKS_MANAGE "webhooks:manage" "Make and change endpoints.";
    USAGE_READ "usage:read" "See usage and limits.";
    PLAN_MANAGE "plan:manage" "Change the plan.";
}

/// What changes who may do what, where data goes, or what it costs.
const ADMINISTRATIVE: [Permission; 7] = [
    WORKSPACE_WRITE,
    WORKSPACE_DELETE,
    MEMBERS_MANAGE,
    ROLES_MANAGE,
    PROVIDER_KEYS_MANAGE,
    WEBHOOKS_MANAGE,
    PLAN_MANAGE,
];

/// What the role ADMIN may do.
pub const ADMIN: &[Permission] = ALL;

/// What the role MEMBER may do.
pub const MEMBER: &[Permission] = &[
    WORKSPACE_READ,
    MEMBERS_READ,
    PROJECTS_READ,
    PROJECTS_WRITE,
    STARTUPS_READ,
    PERSONAS_READ,
    CHAT_READ,
    CHAT_WRITE,
    AGENTS_READ,
    AGENTS_RUN,
    SESSIONS_READ,
    SESSIONS_WRITE,
    USAGE_READ,
];

/// The permission with this text.
pub fn find(text: &str) -> Option<Permission> {
    ALL.iter().copied().find(|permission| permission.as_str() == text)
}
