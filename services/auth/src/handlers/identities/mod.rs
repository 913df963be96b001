//! Accounts at other providers that open the caller's.

pub(crate) mod list;
pub(crate) mod remove;
