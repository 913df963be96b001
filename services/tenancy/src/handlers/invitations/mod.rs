//! Asking people into a workspace, and what they answer.

pub(crate) mod accept;
pub(crate) mod accept_own;
pub(crate) mod create;
pub(crate) mod decline;
pub(crate) mod decline_own;
pub(crate) mod list;
pub(crate) mod list_own;
pub(crate) mod look_up;
pub(crate) mod resend;
pub(crate) mod revoke;
pub(crate) mod show;
pub(crate) mod view;
