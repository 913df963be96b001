#![doc = include_str!("../README.md")]

mod app;
mod catalogue;
mod config;
mod custom_headers;
mod delivery;
mod disclosure;
mod domain;
mod events;
mod handlers;
mod jobs;
mod keys;
mod routes;
mod schema;
mod seals;
mod service;
mod store;

pub use crate::app::App;
pub use crate::config::WebhooksConfig;
pub use crate::service::Webhooks;
