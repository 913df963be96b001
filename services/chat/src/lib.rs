//! Placeholder.
mod domain;
mod schema;
mod store;
