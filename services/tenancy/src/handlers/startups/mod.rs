//! The companies that agents advise.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod show;
mod view;
