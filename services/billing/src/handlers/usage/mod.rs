//! What was used.

pub(crate) mod show;
