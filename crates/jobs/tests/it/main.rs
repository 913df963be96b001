//! Against a real PostgreSQL: jobs whose workers die.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[expect(dead_code, reason = "each test binary uses its part")]
#[path = "../../../pg/tests/support/mod.rs"]
mod support;

mod clock;
mod leases;
mod outcomes;
mod periodic;
mod world;
