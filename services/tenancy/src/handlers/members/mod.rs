//! Who belongs to a workspace.

pub(crate) mod activate;
pub(crate) mod add;
pub(crate) mod deactivate;
pub(crate) mod leave;
pub(crate) mod list;
pub(crate) mod remove;
pub(crate) mod show;
pub(crate) mod update;
pub(crate) mod view;
