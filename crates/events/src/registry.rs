//! Every event there is: its type, its message, and whether partners may subscribe to it.

use std::sync::LazyLock;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::contracts::{audit, auth, billing, chat, council, tenancy, webhooks};

/// A message that is published as an event.
pub trait Event: prost::Message + Serialize + DeserializeOwned + Default + 'static {
    /// The type in CloudEvents' sense, which is also the routing key.
    const TYPE: &'static str;
    /// Whether partners may subscribe to it.
    const PUBLIC: bool;
}

/// What is known of a type without its Rust type.
#[derive(Debug, Clone, Copy)]
pub struct EventType {
    /// The type, such as `user.verified`.
    pub name: &'static str,
    /// The contract's full name, such as `witan.auth.v1.UserVerified`.
    pub message: &'static str,
    /// Whether partners may subscribe to it.
    pub public: bool,
    example: fn() -> Value,
    check: fn(&Value) -> Result<(), serde_json::Error>,
}

impl EventType {
    /// Data as it may look.
    pub fn example(&self) -> Value {
        (self.example)()
    }

    /// The JSON Schema of its data.
    pub(crate) fn schema(&self) -> Value {
        SCHEMAS.get(self.message).cloned().unwrap_or_default()
    }

    /// Whether `data` is of this type.
    ///
    /// # Errors
    /// With the first member that is not.
    pub fn check(&self, data: &Value) -> Result<(), serde_json::Error> {
        (self.check)(data)
    }
}

/// By the contracts' full names; made from them.
static SCHEMAS: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let text = include_str!(concat!(env!("OUT_DIR"), "/schemas.json"));
    serde_json::from_str(text).unwrap_or_default()
});

/// Every type, in the order of the services.
pub fn types() -> &'static [EventType] {
    TYPES
}

/// The type of this name.
pub fn find(name: &str) -> Option<&'static EventType> {
    TYPES.iter().find(|known| known.name == name)
}

macro_rules! registry {
    ($($name:literal $visibility:ident $area:ident::$message:ident $example:tt)+) => {
        $(impl Event for $area::v1::$message {
            const TYPE: &'static str = $name;
            const PUBLIC: bool = registry!(@ $visibility);
        })+

        const TYPES: &[EventType] = &[$(EventType {
            name: $name,
            message: concat!("witan.", stringify!($area), ".v1.", stringify!($message)),
            public: registry!(@ $visibility),
            example: || serde_json::json!($example),
            check: |data| serde_json::from_value::<$area::v1::$message>(data.clone()).map(drop),
        }),+];
    };
    (@ public) => { true };
    (@ internal) => { false };
}

registry! {
    "user.registered" internal auth::UserRegistered
        { "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e", "email": "ada@example.com" }
    "user.verified" internal auth::UserVerified
        { "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e", "email": "ada@example.com", "name": "Ada" }
    "user.renamed" internal auth::UserRenamed
        { "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e", "name": "Ada Lovelace" }
    "user.email_changed" internal auth::UserEmailChanged
        { "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e", "email": "augusta@example.com" }
    "user.deactivated" internal auth::UserDeactivated
        { "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e", "suspended": false }
    "user.reactivated" internal auth::UserReactivated
        { "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e" }
    "user.deletion_requested" internal auth::UserDeletionRequested
        { "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e", "dueAt": "2026-01-31T00:00:00+00:00" }
    "user.restored" internal auth::UserRestored
        { "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e" }
    "user.erasure_requested" internal auth::UserErasureRequested
        { "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e" }
    "user.erased" internal auth::UserErased
        { "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e", "service": "chat", "rows": "12" }
    "session.started" internal auth::SessionStarted
        { "sessionId": "ses_01k0cabmfgek0v7s0c0x0k4m3e", "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e" }
    "session.revoked" internal auth::SessionRevoked
        { "sessionId": "ses_01k0cabmfgek0v7s0c0x0k4m3e", "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e",
          "reason": "logout", "accessExpiresAt": "2026-01-01T00:15:00+00:00" }
    "api_key.created" internal auth::ApiKeyCreated
        { "keyId": "apk_01k0cabmfgek0v7s0c0x0k4m3e", "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e",
          "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e" }
    "api_key.revoked" internal auth::ApiKeyRevoked
        { "keyId": "apk_01k0cabmfgek0v7s0c0x0k4m3e", "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e",
          "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "reason": "revoked" }
    "api_key.all_changed" internal auth::ApiKeysChanged
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e" }
    "signing_keys.replaced" internal auth::SigningKeysReplaced
        { "keyId": "key_01k0cabmfgek0v7s0c0x0k4m3e" }
    "workspace.created" public tenancy::WorkspaceCreated
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "ownerId": "usr_01k0cabmfgek0v7s0c0x0k4m3e", "name": "Ada's" }
    "workspace.updated" internal tenancy::WorkspaceUpdated
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "name": "Ada's workspace", "requireSecondFactor": true }
    "member.added" public tenancy::MemberAdded
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e",
          "role": "MEMBER", "status": "ACTIVE" }
    "member.role_changed" public tenancy::MemberRoleChanged
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e",
          "role": "ADMIN", "status": "ACTIVE" }
    "member.removed" public tenancy::MemberRemoved
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e",
          "role": "MEMBER", "status": "REMOVED" }
    "role.created" internal tenancy::RoleCreated
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "roleId": "rol_01k0cabmfgek0v7s0c0x0k4m3e", "name": "Editor",
          "permissions": ["startups:read", "startups:write"] }
    "role.updated" internal tenancy::RoleUpdated
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "roleId": "rol_01k0cabmfgek0v7s0c0x0k4m3e", "name": "Editor",
          "permissions": ["startups:read"] }
    "role.deleted" internal tenancy::RoleDeleted
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "roleId": "rol_01k0cabmfgek0v7s0c0x0k4m3e" }
    "invitation.created" public tenancy::InvitationCreated
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "invitationId": "inv_01k0cabmfgek0v7s0c0x0k4m3e",
          "role": "MEMBER", "invitedBy": "usr_01k0cabmfgek0v7s0c0x0k4m3e" }
    "invitation.resent" public tenancy::InvitationResent
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "invitationId": "inv_01k0cabmfgek0v7s0c0x0k4m3e" }
    "invitation.accepted" public tenancy::InvitationAccepted
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "invitationId": "inv_01k0cabmfgek0v7s0c0x0k4m3e",
          "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e" }
    "invitation.declined" public tenancy::InvitationDeclined
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "invitationId": "inv_01k0cabmfgek0v7s0c0x0k4m3e" }
    "invitation.revoked" public tenancy::InvitationRevoked
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "invitationId": "inv_01k0cabmfgek0v7s0c0x0k4m3e" }
    "join_link.changed" public tenancy::JoinLinkChanged
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "change": "JOIN_LINK_ROTATED" }
    "domain.claimed" public tenancy::DomainClaimed
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "domainId": "dom_01k0cabmfgek0v7s0c0x0k4m3e", "domain": "example.org" }
    "domain.verified" public tenancy::DomainVerified
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "domainId": "dom_01k0cabmfgek0v7s0c0x0k4m3e", "domain": "example.org" }
    "domain.joining_changed" public tenancy::DomainJoiningChanged
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "domainId": "dom_01k0cabmfgek0v7s0c0x0k4m3e", "domain": "example.org", "joining": true }
    "domain.lost" public tenancy::DomainLost
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "domainId": "dom_01k0cabmfgek0v7s0c0x0k4m3e", "domain": "example.org" }
    "domain.removed" public tenancy::DomainRemoved
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "domainId": "dom_01k0cabmfgek0v7s0c0x0k4m3e", "domain": "example.org" }
    "startup.created" public tenancy::StartupCreated
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "startupId": "stp_01k0cabmfgek0v7s0c0x0k4m3e", "name": "Analytical" }
    "startup.updated" public tenancy::StartupUpdated
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "startupId": "stp_01k0cabmfgek0v7s0c0x0k4m3e", "name": "Analytical" }
    "startup.deleted" public tenancy::StartupDeleted
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "startupId": "stp_01k0cabmfgek0v7s0c0x0k4m3e" }
    "project.created" public tenancy::ProjectCreated
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "projectId": "prj_01k0cabmfgek0v7s0c0x0k4m3e", "name": "Series A" }
    "project.updated" public tenancy::ProjectUpdated
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "projectId": "prj_01k0cabmfgek0v7s0c0x0k4m3e", "name": "Series A",
          "archived": true }
    "project.deleted" public tenancy::ProjectDeleted
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "projectId": "prj_01k0cabmfgek0v7s0c0x0k4m3e" }
    "workspace.deletion_requested" internal tenancy::WorkspaceDeletionRequested
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "dueAt": "2026-01-31T00:00:00+00:00" }
    "workspace.restored" internal tenancy::WorkspaceRestored
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e" }
    "workspace.purge_requested" internal tenancy::WorkspacePurgeRequested
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e" }
    "workspace.purged" internal tenancy::WorkspacePurged
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "service": "chat", "rows": "12" }
    "workspace.deleted" internal tenancy::WorkspaceDeleted
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e" }
    "feature_flag.changed" internal tenancy::FeatureFlagChanged
        { "key": "council.run" }
    "conversation.created" public chat::ConversationCreated
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "conversationId": "cnv_01k0cabmfgek0v7s0c0x0k4m3e",
          "personaId": "psn_01k0cabmfgek0v7s0c0x0k4m3e", "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e" }
    "message.created" public chat::MessageCreated
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "conversationId": "cnv_01k0cabmfgek0v7s0c0x0k4m3e",
          "messageId": "msg_01k0cabmfgek0v7s0c0x0k4m3e", "personaId": "psn_01k0cabmfgek0v7s0c0x0k4m3e",
          "role": "user", "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e" }
    "agent.run.completed" public council::AgentRunCompleted
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "runId": "run_01k0cabmfgek0v7s0c0x0k4m3e", "agent": "finance",
          "status": "COMPLETED", "degraded": false, "inputTokens": 1200, "outputTokens": 800, "costMicros": "5400",
          "currency": "USD", "durationMs": 620, "answer": "Extend the runway first." }
    "agent.run.failed" public council::AgentRunFailed
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "runId": "run_01k0cabmfgek0v7s0c0x0k4m3e", "agent": "finance",
          "code": "quorum_not_reached", "inputTokens": 300, "outputTokens": 0, "costMicros": "450",
          "currency": "USD", "durationMs": 5000 }
    "model.called" internal council::ModelCalled
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "callId": "019a9f6fd7be7c8d8b1f2f1d6f0e4a11",
          "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e", "model": "groq/gpt-oss-120b", "answered": true,
          "inputTokens": 120, "outputTokens": 80, "estimated": false, "costMicros": "66", "currency": "USD",
          "durationMs": 410 }
    "model.gone" internal council::ModelGone
        { "model": "groq/mixtral-8x7b-32768", "replacement": "groq/gpt-oss-120b" }
    "session.expired" public council::SessionExpired
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "sessionId": "ags_01k0cabmfgek0v7s0c0x0k4m3e",
          "userId": "usr_01k0cabmfgek0v7s0c0x0k4m3e", "entries": 12 }
    "webhook.endpoint.disabled" public webhooks::EndpointDisabled
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "endpointId": "whe_01k0cabmfgek0v7s0c0x0k4m3e", "reason": "GONE" }
    "webhook.deliveries.counted" internal webhooks::DeliveriesCounted
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "deliveries": 12 }
    "subscription.updated" public billing::SubscriptionUpdated
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "plan": "pro" }
    "budget.exceeded" public billing::BudgetExceeded
        { "workspaceId": "wsp_01k0cabmfgek0v7s0c0x0k4m3e", "metric": "runs", "limit": "20", "used": "20" }
    "audit.recorded" internal audit::AuditRecorded
        { "action": "LOGIN_SUCCESS", "outcome": "SUCCESS", "actorId": "usr_01k0cabmfgek0v7s0c0x0k4m3e", "subjectId": "",
          "workspaceId": "", "ip": "203.0.113.7", "userAgent": "Mozilla/5.0",
          "traceId": "4bf92f3577b34da6a3ce929d0e0e4736", "details": { "methods": "pwd" } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_of_its_type_and_complete() {
        for known in types() {
            known.check(&known.example()).unwrap_or_else(|error| panic!("{}: {error}", known.name));
        }
        fn complete<E: Event>() {
            let example = find(E::TYPE).unwrap().example();
            let parsed: E = serde_json::from_value(example.clone()).unwrap();
            assert_eq!(serde_json::to_value(&parsed).unwrap(), example);
        }
        complete::<council::v1::AgentRunCompleted>();
        complete::<auth::v1::SessionRevoked>();
        complete::<billing::v1::BudgetExceeded>();
        complete::<audit::v1::AuditRecorded>();
    }

    #[test]
    fn types_are_unique_and_made_of_lower_case_segments() {
        let mut names: Vec<_> = types().iter().map(|known| known.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), types().len());
        for name in names {
            let legal = |segment: &str| {
                !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
            };
            assert!(name.split('.').count() >= 2 && name.split('.').all(legal), "{name}");
        }
    }

    #[test]
    fn members_that_are_new_to_us_are_ignored_and_missing_ones_have_defaults() {
        let data = serde_json::json!({ "userId": "usr_x", "later": { "added": true } });
        let event: auth::v1::UserRegistered = serde_json::from_value(data).unwrap();
        assert_eq!((event.user_id.as_str(), event.email.as_str()), ("usr_x", ""));
    }
}
