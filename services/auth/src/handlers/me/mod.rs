//! The caller.

pub(crate) mod export;
mod profile;
pub(crate) mod show;
pub(crate) mod show_profile;
pub(crate) mod update;
