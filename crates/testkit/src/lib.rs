#![doc = include_str!("../README.md")]

mod amqp;
mod answer;
mod broker;
mod cleanup;
mod client;
mod database;
mod events;
mod kept;
mod own_broker;
mod peers;
mod process;
mod proxy;
mod servers;
mod service;
mod sink;
mod stream;
mod system;
mod tell;
pub mod tokens;
mod wait;

pub use answer::Answer;
pub use broker::VirtualHost;
pub use client::Client;
pub use database::{Database, Schema};
pub use events::Published;
pub use own_broker::OwnBroker;
pub use peers::{Asked, FakePeers};
pub use process::ServiceProcess;
pub use proxy::Wire;
pub use servers::Servers;
pub use service::{Builder, TestService};
pub use sink::{Received, Reply, Sink, sink};
pub use stream::{EventStream, StreamEvent};
pub use system::{Installation, TestSystem};
pub use wait::{Outcome, PATIENCE, eventually, eventually_within};
