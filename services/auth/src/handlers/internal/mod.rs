//! For other services only.

pub(crate) mod jwks;
pub(crate) mod revocations;
