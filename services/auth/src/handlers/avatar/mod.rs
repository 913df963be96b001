//! People's pictures.

pub(crate) mod delete;
pub(crate) mod show;
pub(crate) mod upload;
