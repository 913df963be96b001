//! The testkit itself, with a service of two routes.

mod service;
mod sink;
mod wire;
