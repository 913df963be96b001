//! What handlers take in.

pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod json;
pub(crate) mod paging;
pub(crate) mod path;
pub(crate) mod query;
pub(crate) mod raw;
pub(crate) mod upload;
