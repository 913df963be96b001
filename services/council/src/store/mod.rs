//! Rows and queries, one file a table.

pub(crate) mod agents;
pub(crate) mod erasure;
pub(crate) mod gone_models;
pub(crate) mod held;
pub(crate) mod leases;
pub(crate) mod members;
pub(crate) mod projects;
pub(crate) mod reviews;
pub(crate) mod runs;
