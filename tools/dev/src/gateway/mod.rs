//! The gateway: one routing table, nginx rendered from it, the merged API document and its page.

pub(crate) mod openapi;
pub(crate) mod render;
pub(crate) mod site;
pub(crate) mod table;
