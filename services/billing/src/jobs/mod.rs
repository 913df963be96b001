//! What billing does when others tell it something.

pub(crate) mod held;
pub(crate) mod meter;
