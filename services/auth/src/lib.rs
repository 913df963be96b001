#![doc = include_str!("../README.md")]
mod config;
pub mod domain;
mod events;
pub mod hashing;
mod jobs;
pub mod keys;
pub mod mail;
mod store;
pub mod templates;
pub use crate::config::{AuthConfig, MailConfig};
