//! Through HTTP, on a service of a few operations that do nothing but show what the edge does.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod body;
mod cookies;
mod document;
mod errors;
mod health;
mod idempotency;
mod keys;
mod limits;
mod observed;
mod paging;
mod probe;
mod query;
mod second_factor;
mod step_up;
mod streams;
