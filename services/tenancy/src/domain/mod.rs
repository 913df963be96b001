//! Roles, names and profiles; nothing here touches a database or a clock.

pub(crate) mod deletion;
pub(crate) mod domain_status;
pub(crate) mod invitation;
pub(crate) mod last_admin;
pub(crate) mod mail_domain;
pub(crate) mod name;
pub(crate) mod permissions;
pub(crate) mod rights;
pub(crate) mod role;
pub(crate) mod secret;
pub(crate) mod stage;
pub(crate) mod status;
