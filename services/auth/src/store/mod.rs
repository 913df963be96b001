//! Rows and queries, one file per table.

pub(crate) mod accounts;
pub(crate) mod administration;
pub(crate) mod api_keys;
pub(crate) mod avatars;
pub(crate) mod challenges;
pub(crate) mod closed_workspaces;
pub(crate) mod email_changes;
pub(crate) mod email_tokens;
pub(crate) mod erasures;
pub(crate) mod factors;
pub(crate) mod held;
pub(crate) mod identities;
pub(crate) mod mails;
pub(crate) mod outside;
pub(crate) mod passkeys;
pub(crate) mod profiles;
pub(crate) mod refreshes;
pub(crate) mod registrations;
mod schema;
pub(crate) mod secrets;
pub(crate) mod sessions;
pub(crate) mod sign_ins;
pub(crate) mod signing_keys;
pub(crate) mod users;
