//! Rows and queries, a file for each table.

pub(crate) mod erasure;
pub(crate) mod held;
pub(crate) mod members;
pub(crate) mod people;
pub(crate) mod startups;
pub(crate) mod workspaces;
