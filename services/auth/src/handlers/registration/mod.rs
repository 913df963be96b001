//! Signing up.

pub(crate) mod register;
