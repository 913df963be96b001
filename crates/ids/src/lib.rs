#![doc = include_str!("../README.md")]

mod id;
mod registry;
mod schema;
mod sql;
pub mod typeid;

pub use crate::id::{Id, IdError, Kind};
pub use crate::registry::*;
