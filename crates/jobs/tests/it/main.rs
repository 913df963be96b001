//! Against a real PostgreSQL: jobs whose workers die.

#[path = "../../../pg/tests/support/mod.rs"]
mod support;

mod leases;
mod outcomes;
mod periodic;
mod world;
