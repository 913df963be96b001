//! What verifiers need to know.

pub(crate) mod discovery;
pub(crate) mod jwks;
