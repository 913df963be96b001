//! What was sent, and how that went.

pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod resend;
pub(crate) mod view;
