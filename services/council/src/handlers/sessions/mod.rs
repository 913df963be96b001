//! Sessions with agents: a person's own, whatever their role.

pub(crate) mod activity;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod end;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod messages;
pub(crate) mod show;
pub(crate) mod tools;
pub(crate) mod view;
