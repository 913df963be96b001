//! For other services only.

pub(crate) mod api_key;
pub(crate) mod jwks;
pub(crate) mod revocations;
