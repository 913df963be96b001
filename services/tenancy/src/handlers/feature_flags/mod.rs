//! What is switched on for whom.

pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod mine;
pub(crate) mod set;
pub(crate) mod show;
mod view;
mod wish;
