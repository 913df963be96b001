//! Against a real Redis, and a wire to it that can be cut.

mod breaker;
mod cache;
mod limit;
mod outage;
mod world;
