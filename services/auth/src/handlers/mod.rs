//! One operation a file.

pub(crate) mod internal;
pub(crate) mod keys;
pub(crate) mod me;
mod parse;
pub(crate) mod registration;
pub(crate) mod sessions;
pub(crate) mod verification;
