//! Against a real PostgreSQL: receipts, and workers that die.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[expect(dead_code, reason = "each test binary uses its part")]
#[path = "../../../pg/tests/support/mod.rs"]
mod support;

mod receipts;
mod world;
