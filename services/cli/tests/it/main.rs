//! The command itself, on a real broker.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../../../../crates/events/tests/it/broker.rs"]
mod broker;

mod dead_letters;
mod eval;
mod tail;
mod world;
