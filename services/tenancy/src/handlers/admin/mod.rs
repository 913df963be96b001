//! The area of those who run a workspace: the same operations as those on its members, in the workspace of the request.

pub(crate) mod activate;
pub(crate) mod deactivate;
pub(crate) mod demote;
pub(crate) mod list;
pub(crate) mod promote;
pub(crate) mod show;
pub(crate) mod stats;
