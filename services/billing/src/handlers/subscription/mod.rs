//! The workspace's plan.

pub(crate) mod show;
