//! Forgetting a password, and changing it.

pub(crate) mod change;
pub(crate) mod page;
mod replace;
pub(crate) mod request_reset;
pub(crate) mod reset;
pub(crate) mod submit;
