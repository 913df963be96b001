#![doc = include_str!("../README.md")]

mod backoff;
mod command;
mod config;
mod context;
mod export;
mod flags;
mod http;
mod late;
mod migrations;
mod run;
mod running;
mod service;
mod sync;

pub use crate::command::main;
pub use crate::config::{HostConfig, Settings};
pub use crate::context::Context;
pub use crate::export::{Export, Subject};
pub use crate::http::openapi;
pub use crate::migrations::sets as migration_sets;
pub use crate::run::{StartError, run};
pub use crate::running::Running;
pub use crate::service::Service;
