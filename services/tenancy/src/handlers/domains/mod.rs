//! E-mail domains of workspaces, and joining by them.

pub(crate) mod create;
pub(crate) mod join;
pub(crate) mod list;
pub(crate) mod remove;
pub(crate) mod resolve;
pub(crate) mod show;
pub(crate) mod update;
pub(crate) mod verify;
mod view;
