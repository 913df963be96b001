//! The guard against a real socket: every address and every spelling, scripted names, slow and huge answers.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod addresses;
mod calls;
mod names;
mod peer;
mod settings;
mod streams;
mod urls;
