//! One file per operation.

pub(crate) mod conversations;
pub(crate) mod personas;
mod streaming;
