#![doc = include_str!("../README.md")]

mod attempt;
mod bootstrap;
pub mod cipher;
mod config;
mod connect;
mod error;
mod lease;
mod metrics;
mod migrate;
mod note;
pub mod partitions;
mod pool;
mod prepared;
pub mod resealing;
mod role;
mod run;
mod session;
mod sql;
mod tx;
mod watch;
mod work;

pub use crate::bootstrap::{RolePasswords, bootstrap_sql};
pub use crate::cipher::{Cipher, CipherConfig, CipherError};
pub use crate::config::DatabaseConfig;
pub use crate::error::{PgError, expect_one};
pub use crate::migrate::{MIGRATIONS, MigrateError, MigrationSet, migrate, pending};
pub use crate::note::Note;
pub use crate::pool::Pg;
pub use crate::prepared::{Prepared, prepared};
pub use crate::session::Session;
pub use crate::sql::{Sql, sql};
pub use crate::tx::{Pipeline, SystemTx, TenantTx, Tx};
pub use crate::work::Work;
/// The macro `embed_migrations!` of this crate expects its name in scope: `use witan_pg::diesel_migrations`.
pub use diesel_migrations;
pub use diesel_migrations::EmbeddedMigrations;
