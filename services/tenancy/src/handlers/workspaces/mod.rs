//! Workspaces.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod deletion;
pub(crate) mod export;
pub(crate) mod list;
pub(crate) mod restore;
pub(crate) mod show;
pub(crate) mod update;
mod view;
