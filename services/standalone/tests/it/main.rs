//! All services together, with nothing faked between them: what must hold for every operation and every table.
//!
//! The tests read the services' own OpenAPI documents and PostgreSQL's catalogue, so that they grow with the system.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod deletion;
mod flags;
mod furniture;
mod harvest;
mod ids;
mod membership;
mod operation;
mod operations;
mod sample;
mod tables;
mod world;
