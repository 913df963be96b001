//! Who belongs to a workspace.

pub(crate) mod list;
