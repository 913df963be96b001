//! One file per operation.

pub(crate) mod conversations;
pub(crate) mod internal;
pub(crate) mod personas;
mod streaming;
pub(crate) mod traits;
