use crate::{Id, Kind};

macro_rules! kinds {
    ($($kind:ident $alias:ident $prefix:literal, $doc:literal;)*) => {
        /// The marker types behind the ids: never values, only parameters of [`Id`].
        pub mod kind {
            $(#[doc = $doc] #[derive(Debug)] pub enum $kind {})*
        }
        $(
            impl Kind for kind::$kind {
                const PREFIX: &'static str = $prefix;
                const NAME: &'static str = stringify!($alias);
            }
            #[doc = $doc]
            pub type $alias = Id<kind::$kind>;
        )*
        /// Every prefix with the name of its id, for documentation and for people who read logs.
        pub const REGISTRY: &[(&str, &str)] = &[$(($prefix, stringify!($alias))),*];
    };
}

kinds! {
    User UserId "usr", "A person's account.";
    Session SessionId "ses", "A log-in of a user on a device.";
    Workspace WorkspaceId "wsp", "A tenant.";
    Member MemberId "mem", "A user's place in a workspace.";
    Role RoleId "rol", "A workspace's own role.";
    Invitation InvitationId "inv", "An invitation into a workspace.";
    Domain DomainId "dom", "An e-mail domain that a workspace claims.";
    Project ProjectId "prj", "A project of a workspace.";
    Startup StartupId "stp", "A start-up described in a workspace.";
    Persona PersonaId "psn", "A persona of the catalogue.";
    Conversation ConversationId "cnv", "A conversation with a persona.";
    Message MessageId "msg", "A message of a conversation.";
    Run RunId "run", "A run of the council.";
    AgentSession AgentSessionId "ags", "A person's session with agents.";
    ToolCall ToolCallId "tcl", "A use of a tool in a session.";
    Agent AgentId "agt", "A workspace's own agent of the council.";
    Endpoint EndpointId "whe", "A partner's webhook endpoint.";
    Secret SecretId "whs", "A signing secret of a webhook endpoint.";
    Delivery DeliveryId "dlv", "An event on its way to an endpoint.";
    Attempt AttemptId "att", "One attempt of a delivery.";
    Replay ReplayId "rpl", "Deliveries of a time that are sent again.";
    Event EventId "evt", "A published event.";
    Job JobId "job", "A row of durable work.";
    Key KeyId "key", "A signing key.";
    ApiKey ApiKeyId "apk", "A key with which programs call the API.";
    Passkey PasskeyId "psk", "A passkey of a person.";
    Identity IdentityId "idt", "An account at another identity provider that opens one of ours.";
    Mail MailId "eml", "An e-mail that was queued.";
    Stream StreamId "str", "A stream of server-sent events.";
}
