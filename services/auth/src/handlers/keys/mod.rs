//! What verifiers need to know, and changing it.

pub(crate) mod discovery;
pub(crate) mod jwks;
pub(crate) mod rotate;
pub(crate) mod verify_token;
