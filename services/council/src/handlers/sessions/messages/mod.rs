//! What was said in a session.

pub(crate) mod create;
pub(crate) mod list;
