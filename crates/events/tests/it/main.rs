//! Against a real PostgreSQL and a real RabbitMQ: events under faults.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[expect(dead_code, reason = "each test binary uses its part")]
#[path = "../../../pg/tests/support/mod.rs"]
mod support;

mod broadcasts;
mod broker;
mod consuming;
mod faults;
mod latency;
mod ledger;
mod many;
mod publishing;
mod retention;
mod traces;
