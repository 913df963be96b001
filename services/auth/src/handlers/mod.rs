//! One operation a file.

pub(crate) mod account;
pub(crate) mod api_keys;
pub(crate) mod avatar;
pub(crate) mod client;
mod device_cookie;
pub(crate) mod email;
pub(crate) mod factors;
pub(crate) mod federation;
mod hashing;
pub(crate) mod identities;
pub(crate) mod internal;
pub(crate) mod keys;
mod landing;
pub(crate) mod magic_link;
pub(crate) mod mails;
pub(crate) mod me;
mod page;
pub(crate) mod passkeys;
pub(crate) mod password;
pub(crate) mod registration;
pub(crate) mod services;
pub(crate) mod sessions;
pub(crate) mod users;
pub(crate) mod verification;
