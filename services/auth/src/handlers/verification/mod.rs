//! Proving an address.

pub(crate) mod page;
mod redeem;
pub(crate) mod resend;
pub(crate) mod submit;
pub(crate) mod verify;
