#![doc = include_str!("../README.md")]

mod api_keys;
mod app;
mod audit;
mod config;
pub mod domain;
mod events;
mod handlers;
pub mod hashing;
mod jobs;
pub mod keys;
pub mod mail;
mod routes;
mod service;
mod store;
pub mod templates;

pub use crate::app::App;
pub use crate::config::{AuthConfig, MailConfig};
pub use crate::service::Auth;
