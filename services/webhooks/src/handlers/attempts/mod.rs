//! Every time something was sent, over the whole workspace.

pub(crate) mod list;
