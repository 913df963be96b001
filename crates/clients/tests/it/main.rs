//! The typed clients against a peer that answers, refuses, breaks, dawdles or is not there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod billing;
mod channel;
mod holders;
mod outage;
mod world;
