//! Rows and queries, one file a table.

pub(crate) mod agents;
pub(crate) mod calls;
pub(crate) mod erasure;
pub(crate) mod gone_models;
pub(crate) mod held;
pub(crate) mod held_sessions;
pub(crate) mod leases;
pub(crate) mod live_sessions;
pub(crate) mod logs;
pub(crate) mod members;
pub(crate) mod model_calls;
pub(crate) mod projects;
pub(crate) mod provider_keys;
pub(crate) mod reviews;
pub(crate) mod run_events;
pub(crate) mod runs;
pub(crate) mod session_messages;
pub(crate) mod session_tools;
pub(crate) mod sessions;
