//! One operation a file.

pub(crate) mod internal;
pub(crate) mod members;
pub(crate) mod startups;
pub(crate) mod workspaces;
