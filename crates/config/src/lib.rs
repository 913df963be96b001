#![doc = include_str!("../README.md")]

mod duration;
mod env;
mod environment;
mod mistakes;
mod reader;

pub use secrecy::{ExposeSecret, SecretString};

pub use crate::duration::{ParseDurationError, parse_duration};
pub use crate::env::Env;
pub use crate::environment::Environment;
pub use crate::mistakes::{Mistake, Mistakes};
pub use crate::reader::Reader;

#[cfg(test)]
mod tests;
