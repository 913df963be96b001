//! The roles that a workspace makes for itself, and what they can allow.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod permissions;
pub(crate) mod show;
pub(crate) mod update;
pub(crate) mod view;
