//! The messages of `proto/witan/<area>/v1/events.proto`, with their canonical JSON.

macro_rules! area {
    ($area:ident, $what:literal) => {
        #[doc = $what]
        pub mod $area {
            #[doc = "Version 1, to which fields may be added and from which none may be taken."]
            #[expect(clippy::allow_attributes, reason = "the generator writes them")]
            pub mod v1 {
                include!(concat!(env!("OUT_DIR"), "/witan.", stringify!($area), ".v1.rs"));
                include!(concat!(env!("OUT_DIR"), "/witan.", stringify!($area), ".v1.serde.rs"));
            }
        }
    };
}

area!(auth, "Accounts and sessions.");
area!(tenancy, "Workspaces, their members and their start-ups.");
area!(chat, "Conversations with personas.");
area!(council, "Runs of the council of models.");
area!(webhooks, "Deliveries to partners.");
area!(billing, "Usage and plans.");
area!(audit, "What was done, by whom and from where.");
