//! A workspace's own agents.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod show;
pub(crate) mod update;
pub(crate) mod versions;
pub(crate) mod view;
