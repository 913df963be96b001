//! Work that outlives a request.

pub(crate) mod deliver;
pub(crate) mod held;
pub(crate) mod meter;
pub(crate) mod replay;
pub(crate) mod retention;
pub(crate) mod silence;
pub(crate) mod watch;
