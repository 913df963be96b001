//! One operation a file.

pub(crate) mod agents;
pub(crate) mod chat;
pub(crate) mod internal;
pub(crate) mod models;
pub(crate) mod openai;
pub(crate) mod runs;
pub(crate) mod sessions;
pub(crate) mod tasks;
