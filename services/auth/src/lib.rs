#![doc = include_str!("../README.md")]
mod config;
pub mod domain;
pub mod hashing;
mod keys;
pub mod mail;
mod store;
pub mod templates;
pub use crate::config::{AuthConfig, MailConfig};
