//! Against a real Redis, and a wire to it that can be cut.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod breaker;
mod cache;
mod limit;
mod lockout;
mod outage;
mod world;
