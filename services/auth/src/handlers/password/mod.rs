//! Forgetting a password, and changing it.

pub(crate) mod change;
mod changing;
pub(crate) mod confirm;
pub(crate) mod page;
pub(crate) mod put;
mod replace;
pub(crate) mod request_reset;
pub(crate) mod reset;
pub(crate) mod submit;
