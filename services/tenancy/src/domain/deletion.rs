//! Who removes what they hold of a workspace that is deleted.

/// The services that hold something of workspaces, beside this one, which is the last.
pub(crate) const SERVICES: [&str; 5] = ["auth", "billing", "chat", "council", "webhooks"];

/// What a workspace is called once nobody may know its name any longer.
pub(crate) const NAMELESS: &str = "Deleted workspace";
