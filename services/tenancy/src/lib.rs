#![doc = include_str!("../README.md")]

mod accepting;
mod actor;
mod app;
mod audit;
mod changes;
mod claiming;
mod config;
mod disclosure;
mod dns;
mod domain;
mod events;
mod flag_source;
mod founding;
mod handlers;
mod handover;
mod inviting;
mod jobs;
mod joining;
mod linking;
mod memberships;
mod own_roles;
mod resolving;
mod routes;
mod schema;
mod service;
mod store;

pub use crate::config::TenancyConfig;
pub use crate::service::Tenancy;
