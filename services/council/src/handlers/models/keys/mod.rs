//! A workspace's own keys with providers. They are never shown.

pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod put;
