//! What others send of personas, and with which secret.

pub(crate) mod health;
pub(crate) mod receive;
pub(crate) mod regenerate_secret;
pub(crate) mod revoke_secret;
