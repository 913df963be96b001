//! Rows and queries, a file for each table.

pub(crate) mod counters;
pub(crate) mod held;
pub(crate) mod reservations;
pub(crate) mod subscriptions;
