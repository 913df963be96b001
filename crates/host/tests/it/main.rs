//! A service of three routes, hosted on the real servers.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod configuration;
mod drain;
mod keep_alive;
mod migrations;
mod probes;
mod sync;
mod tiny;
mod world;
