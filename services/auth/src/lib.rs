#![doc = include_str!("../README.md")]

mod api_keys;
mod app;
mod audit;
mod breaches;
mod config;
mod disclosure;
pub mod domain;
mod events;
mod handlers;
pub mod hashing;
pub mod images;
mod jobs;
pub mod keys;
mod lockout;
pub mod mail;
mod new_password;
mod oidc;
mod outside;
mod recognition;
mod routes;
mod sealed;
mod secrets;
mod service;
mod store;
pub mod templates;

pub use crate::app::App;
pub use crate::config::{AuthConfig, MailConfig, OidcConfig, TrustedIssuer};
pub use crate::service::Auth;
