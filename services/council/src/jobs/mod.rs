//! What the service does by itself.

pub(crate) mod gone_models;
pub(crate) mod held;
pub(crate) mod projects;
pub(crate) mod retention;
pub(crate) mod sessions;
