//! One operation a file.

pub(crate) mod agents;
pub(crate) mod internal;
pub(crate) mod runs;
