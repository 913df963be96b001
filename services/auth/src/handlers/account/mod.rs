//! The life of an account: closing it, opening it again, deleting it.

pub(crate) mod close;
pub(crate) mod deactivate;
pub(crate) mod delete;
pub(crate) mod delete_me;
pub(crate) mod open;
mod owner;
pub(crate) mod reactivate;
pub(crate) mod restore;
pub(crate) mod restore_page;
pub(crate) mod restore_submit;
mod successors;
pub(crate) mod view;
