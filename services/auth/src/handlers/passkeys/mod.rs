//! Passkeys: WebAuthn Level 3, with the JSON that browsers read and write themselves.

pub(crate) mod credential;
pub(crate) mod list;
pub(crate) mod options;
pub(crate) mod prove;
pub(crate) mod register;
pub(crate) mod register_options;
pub(crate) mod remove;
pub(crate) mod rename;
pub(crate) mod sign_in;
pub(crate) mod sign_in_options;
mod view;
