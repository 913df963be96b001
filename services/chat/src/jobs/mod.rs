//! Work that nobody asked for.

pub(crate) mod held;
pub(crate) mod sweep;
