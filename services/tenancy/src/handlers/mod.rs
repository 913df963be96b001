//! One operation a file.

pub(crate) mod admin;
pub(crate) mod domains;
pub(crate) mod feature_flags;
pub(crate) mod internal;
pub(crate) mod invitations;
pub(crate) mod join_link;
pub(crate) mod members;
mod patch;
pub(crate) mod projects;
pub(crate) mod roles;
pub(crate) mod startups;
pub(crate) mod workspaces;
