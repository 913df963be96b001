//! The caller.

mod profile;
pub(crate) mod show;
pub(crate) mod show_profile;
pub(crate) mod update;
