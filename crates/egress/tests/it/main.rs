//! The guard against a real socket: every address and every spelling, scripted names, slow and huge answers.

mod addresses;
mod calls;
mod names;
mod peer;
mod settings;
mod streams;
mod urls;
