#![doc = include_str!("../README.md")]

pub mod domain;
pub mod hashing;
pub mod mail;
pub mod templates;
