//! Who removes what they hold of a person who left.

/// The services that hold something of people, beside this one.
pub const SERVICES: [&str; 4] = ["tenancy", "chat", "council", "webhooks"];

/// This service, which is the last: until all others have reported, it knows who is to be erased.
pub const OWN: &str = "auth";
