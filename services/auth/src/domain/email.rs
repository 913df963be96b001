//! E-mail addresses, as every service takes them.

pub use witan_email::{EmailAddress, EmailError, MAX_ADDRESS};
