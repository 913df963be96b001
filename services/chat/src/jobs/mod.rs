//! Work that nobody asked for.

pub(crate) mod sweep;
