//! What is held of a person, as they are told it. Nothing that opens anything is read at all.

pub(crate) mod access;
pub(crate) mod account;
pub(crate) mod traces;
