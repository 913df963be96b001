//! Whom one can ask, and asking.

pub(crate) mod custom;
pub(crate) mod input;
pub(crate) mod list;
pub(crate) mod run;
