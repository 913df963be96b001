#![doc = include_str!("../README.md")]

mod answer;
mod broker;
mod cleanup;
mod client;
mod database;
mod proxy;
mod servers;
mod sink;
mod stream;
pub mod tokens;
mod wait;

pub use answer::Answer;
pub use broker::VirtualHost;
pub use client::Client;
pub use database::{Database, Schema};
pub use proxy::Wire;
pub use servers::Servers;
pub use sink::{Received, Reply, Sink, sink};
pub use stream::{EventStream, StreamEvent};
pub use wait::{Outcome, PATIENCE, eventually, eventually_within};
