//! Logging in, staying in, logging out.

pub(crate) mod authenticate;
pub(crate) mod challenge;
pub(crate) mod ending;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod login_passkey;
pub(crate) mod login_recovery_code;
pub(crate) mod login_totp;
pub(crate) mod logout;
pub(crate) mod oauth;
pub(crate) mod refresh;
pub(crate) mod refusal;
pub(crate) mod revoke;
pub(crate) mod second_factor;
pub(crate) mod settle;
pub(crate) mod start;
pub(crate) mod step_up;
pub(crate) mod step_up_options;
pub(crate) mod token;
pub(crate) mod tokens;
