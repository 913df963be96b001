//! What people prove themselves with beside a password.

pub(crate) mod change;
pub(crate) mod recovery_codes;
pub(crate) mod show;
pub(crate) mod shown;
pub(crate) mod totp_begin;
pub(crate) mod totp_confirm;
pub(crate) mod totp_remove;
mod totp_secret;
