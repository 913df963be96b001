//! Tokens of programs for internal APIs.

pub(crate) mod token;
