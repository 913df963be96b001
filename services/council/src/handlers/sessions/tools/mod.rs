//! Which tools were used in a session.

pub(crate) mod create;
pub(crate) mod list;
