//! Accounts, for who runs the installation.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod erasure;
pub(crate) mod list;
mod provisioning;
pub(crate) mod reactivate;
pub(crate) mod show;
mod standing;
pub(crate) mod suspend;
pub(crate) mod update;
mod view;
