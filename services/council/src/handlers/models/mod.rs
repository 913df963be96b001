//! The models that there are, and with whose keys.

pub(crate) mod keys;
pub(crate) mod list;
