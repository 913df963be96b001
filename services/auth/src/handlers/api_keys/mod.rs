//! Keys with which programs call the API.

pub(crate) mod create;
mod issuing;
pub(crate) mod list;
mod owner;
pub(crate) mod reset;
pub(crate) mod revoke;
pub(crate) mod show;
mod view;
