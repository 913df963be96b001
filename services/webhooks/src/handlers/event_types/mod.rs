//! What can be subscribed to.

pub(crate) mod list;
