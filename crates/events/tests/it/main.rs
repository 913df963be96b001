//! Against a real PostgreSQL and a real RabbitMQ: events under faults.

#[path = "../../../pg/tests/support/mod.rs"]
mod support;

mod broadcasts;
mod broker;
mod consuming;
mod faults;
mod latency;
mod ledger;
mod publishing;
mod traces;
