//! Where events are sent.

pub(crate) mod acknowledge;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod deliveries;
pub(crate) mod events;
pub(crate) mod get;
mod input;
pub(crate) mod list;
pub(crate) mod recover;
pub(crate) mod regenerate_secret;
pub(crate) mod replay;
pub(crate) mod test;
pub(crate) mod update;
pub(crate) mod verify;
mod view;
