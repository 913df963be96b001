//! The gateway: one routing table, nginx rendered from it, the merged API document and its page.

#[cfg(test)]
mod live_tests;
pub(crate) mod openapi;
mod problems;
pub(crate) mod render;
pub(crate) mod site;
pub(crate) mod table;
