//! What billing does when others tell it something.

pub(crate) mod meter;
