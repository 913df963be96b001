//! One operation a file.

pub(crate) mod internal;
pub(crate) mod plans;
pub(crate) mod subscription;
pub(crate) mod usage;
