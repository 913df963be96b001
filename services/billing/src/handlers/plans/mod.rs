//! What can be bought.

pub(crate) mod list;
