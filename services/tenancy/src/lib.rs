#![doc = include_str!("../README.md")]

mod actor;
mod app;
mod audit;
mod changes;
mod disclosure;
mod domain;
mod events;
mod flag_source;
mod founding;
mod handlers;
mod handover;
mod jobs;
mod memberships;
mod own_roles;
mod routes;
mod schema;
mod service;
mod store;

pub use crate::service::Tenancy;
