//! Auth through HTTP, in process, on real servers.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod api_keys;
mod authenticator;
mod avatars;
mod breaches;
mod cookies;
mod documents;
mod emails;
mod enumeration;
mod factors;
mod internal;
mod keys;
mod known_bugs;
mod lifecycle;
mod lockout;
mod login;
mod magic_link;
mod mails;
mod me;
mod oauth;
mod passkeys;
mod passwords;
mod phone;
mod profile;
mod purge;
mod refresh;
mod registration;
mod rotation;
mod second_factor;
mod services;
mod sessions;
mod step_up;
mod tokens;
mod verification;
mod world;
