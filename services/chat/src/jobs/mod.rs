//! Work that nobody asked for.

pub(crate) mod held;
pub(crate) mod projects;
pub(crate) mod sweep;
pub(crate) mod traits;
