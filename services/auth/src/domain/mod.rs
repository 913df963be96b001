//! Types and rules of accounts, sessions and keys. No IO, no SQL, no wall clock.

pub mod account;
pub mod api_key;
pub mod avatar;
pub mod base32;
pub mod challenge;
pub mod device;
pub mod email;
pub mod factor_attempts;
pub mod locale;
pub mod mailed_token;
pub mod method;
pub mod name;
pub mod password;
pub mod preferences;
pub mod recovery_code;
pub mod refresh;
pub mod refresh_token;
pub mod return_to;
pub mod rotation;
pub mod service_client;
pub mod session;
pub mod signing_key;
pub mod source;
pub mod time_zone;
pub mod totp;
pub mod webauthn;
