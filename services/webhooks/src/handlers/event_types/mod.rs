//! What can be subscribed to.

pub(crate) mod get;
pub(crate) mod list;
mod view;
