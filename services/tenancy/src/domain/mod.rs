//! Roles, names and profiles; nothing here touches a database or a clock.

pub(crate) mod name;
pub(crate) mod role;
pub(crate) mod stage;
