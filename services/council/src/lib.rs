#![doc = include_str!("../README.md")]

mod agents;
mod ai_sdk;
mod app;
mod audit;
mod config;
pub mod deliberation;
mod disclosure;
pub mod domain;
mod events;
mod handlers;
mod jobs;
mod keys;
mod openai;
mod projects;
mod routes;
mod runs;
mod schema;
mod service;
mod sessions;
mod store;

pub use crate::app::App;
pub use crate::config::{Config, CouncilConfig};
pub use crate::service::Council;
