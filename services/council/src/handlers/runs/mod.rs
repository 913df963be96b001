//! Runs that there are.

mod agreement;
pub(crate) mod list;
pub(crate) mod show;
pub(crate) mod view;
