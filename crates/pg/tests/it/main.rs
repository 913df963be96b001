//! Against a real PostgreSQL: what must hold whatever happens.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

mod cancellation;
mod migrations;
mod partitions;
mod rates;
mod roles;
mod sending;
mod tenants;
mod transactions;
