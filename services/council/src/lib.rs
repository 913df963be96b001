#![doc = include_str!("../README.md")]

mod config;
pub mod deliberation;
pub mod domain;

pub use crate::config::{Config, CouncilConfig};
