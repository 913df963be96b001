//! Signing in with another identity provider.

pub(crate) mod callback;
mod cookie;
pub(crate) mod exchange;
pub(crate) mod refusal;
pub(crate) mod start;

/// Where the provider sends people back to.
pub(crate) const CALLBACK_PATH: &str = "/api/v1/auth/google/callback";
