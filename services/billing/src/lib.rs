#![doc = include_str!("../README.md")]

mod app;
mod config;
mod disclosure;
mod domain;
mod events;
mod handlers;
mod jobs;
mod ledger;
mod routes;
mod schema;
mod service;
mod standing;
mod store;

pub use crate::config::BillingConfig;
pub use crate::service::Billing;
