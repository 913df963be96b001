#![doc = include_str!("../README.md")]

mod enqueue;
mod job;
mod runner;

pub use crate::enqueue::{NewJob, enqueue};
pub use crate::job::{Job, JobError, Outcome, Worker};
pub use crate::runner::Runner;

use witan_pg::{EmbeddedMigrations, diesel_migrations};

/// The tables of jobs.
pub const MIGRATIONS: EmbeddedMigrations = diesel_migrations::embed_migrations!();
