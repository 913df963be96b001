//! Giving an account another address.

pub(crate) mod change;
pub(crate) mod confirm;
pub(crate) mod page;
mod redeem;
pub(crate) mod submit;
