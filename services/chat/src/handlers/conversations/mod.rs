//! What was said.

pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod messages;
pub(crate) mod stop;
pub(crate) mod stream;
pub(crate) mod update;
pub(crate) mod view;
