#![doc = include_str!("../README.md")]

mod amqp;
mod backoff;
mod broadcast;
pub mod catalogue;
mod config;
mod consumer;
mod consumers;
pub mod contracts;
pub mod dead_letters;
mod effect;
mod envelope;
mod erasure;
mod error;
mod handler;
mod inbox;
mod link;
mod metrics;
mod morgue;
mod outbox;
mod process;
mod publisher;
mod purge;
pub mod registry;
mod relay;
mod sweep;
mod tail;
mod topology;
mod wire;

pub use crate::amqp::Amqp;
pub use crate::broadcast::broadcast;
pub use crate::config::AmqpConfig;
pub use crate::consumers::Consumers;
pub use crate::envelope::{DecodeError, Envelope};
pub use crate::erasure::{Erasure, Holder};
pub use crate::error::AmqpError;
pub use crate::handler::{HandleError, SystemHandler, TenantHandler};
pub use crate::outbox::{publish, publish_alone};
pub use crate::purge::{Keeper, Purge, Tables};
pub use crate::registry::{Event, EventType};
pub use crate::relay::Relay;
pub use crate::tail::Tail;
pub use crate::topology::EXCHANGE;
/// The type of times in events.
pub use pbjson_types::Timestamp;
use witan_pg::{EmbeddedMigrations, diesel_migrations};

/// The outbox and the inbox.
pub const MIGRATIONS: EmbeddedMigrations = diesel_migrations::embed_migrations!();
