//! Logging in by a mailed link.

pub(crate) mod page;
pub(crate) mod redeem;
mod redeeming;
pub(crate) mod request;
pub(crate) mod submit;
