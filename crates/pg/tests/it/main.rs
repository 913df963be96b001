//! Against a real PostgreSQL: what must hold whatever happens.

#[path = "../support/mod.rs"]
mod support;

mod cancellation;
mod migrations;
mod roles;
mod sending;
mod tenants;
mod transactions;
