#![doc = include_str!("../README.md")]

mod handler;
mod health;
mod key;
mod receipt;
mod receive;
mod refused;
mod scheme;
mod store;
mod told;
mod worker;

pub use crate::handler::{HandleError, Handler};
pub use crate::health::{Health, health};
pub use crate::key::{Key, KeyError};
pub use crate::receipt::{PLATFORM, Receipt};
pub use crate::receive::{Arrival, Received, receive};
pub use crate::refused::Refused;
pub use crate::scheme::{Encoding, Hmac, Scheme, Signed, TOLERANCE};
pub use crate::told::{Told, told};
pub use crate::worker::Receipts;

use witan_pg::{EmbeddedMigrations, diesel_migrations};

/// The table of receipts.
pub const MIGRATIONS: EmbeddedMigrations = diesel_migrations::embed_migrations!();
