#![doc = include_str!("../README.md")]

mod answer;
mod app;
mod config;
mod disclosure;
mod domain;
mod generation;
mod handlers;
mod jobs;
mod persona;
mod projects;
mod routes;
mod schema;
mod seals;
mod service;
mod store;

pub use crate::app::App;
pub use crate::config::ChatConfig;
pub use crate::service::Chat;
