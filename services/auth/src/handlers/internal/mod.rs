//! For other services only.

pub(crate) mod api_key;
pub(crate) mod held_of_workspace;
pub(crate) mod issuers;
pub(crate) mod jwks;
pub(crate) mod mail;
pub(crate) mod outside_token;
pub(crate) mod revocations;
