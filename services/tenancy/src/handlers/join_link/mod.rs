//! The link by which who holds its secret becomes a member.

pub(crate) mod join;
pub(crate) mod look_up;
pub(crate) mod put;
pub(crate) mod remove;
pub(crate) mod rotate;
pub(crate) mod show;
mod view;
