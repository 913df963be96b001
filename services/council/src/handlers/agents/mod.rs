//! Whom one can ask, and asking.

pub(crate) mod list;
pub(crate) mod run;
