#![doc = include_str!("../README.md")]

mod attempt;
mod crew;
mod due;
mod enqueue;
mod job;
mod metrics;
mod periodic;
mod recall;
mod runner;
mod store;
mod wake;

pub use crate::enqueue::{NewJob, enqueue, enqueue_many};
pub use crate::job::{Job, JobError, Outcome, Worker, complete_many};
pub use crate::runner::Runner;
pub use crate::store::hasten;

use witan_pg::{EmbeddedMigrations, diesel_migrations};

/// The tables of jobs.
pub const MIGRATIONS: EmbeddedMigrations = diesel_migrations::embed_migrations!();
