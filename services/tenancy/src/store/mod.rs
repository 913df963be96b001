//! Rows and queries, a file for each table.

pub(crate) mod erasure;
pub(crate) mod held;
pub(crate) mod member_list;
pub(crate) mod members;
pub(crate) mod own_places;
pub(crate) mod people;
pub(crate) mod roles;
pub(crate) mod startups;
pub(crate) mod workspaces;
