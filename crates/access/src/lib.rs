#![doc = include_str!("../README.md")]

pub mod api_key;
mod api_keys;
mod claims;
mod control;
mod csrf;
mod error;
mod feature_flag;
mod freshness;
mod issuers;
mod keys;
mod membership;
mod outside_tokens;
pub mod permission;
mod principal;
mod revocations;
mod scope;
pub mod service_token;
mod verifier;

pub use jsonwebtoken::jwk::{Jwk, JwkSet};

pub use crate::api_keys::{ApiKeyRecord, ApiKeySource, ApiKeys};
pub use crate::claims::{Claims, TOKEN_TYPE};
pub use crate::control::AccessControl;
pub use crate::csrf::Csrf;
pub use crate::error::{AccessError, Denial};
pub use crate::feature_flag::{Feature, FeatureFlag, FeatureFlagSource, FeatureFlags, RolloutUnit};
pub use crate::freshness::Freshness;
pub use crate::keys::KeySource;
pub use crate::membership::{CachedMemberships, Membership, Memberships};
pub use crate::outside_tokens::{
    MAX_OUTSIDE_TOKEN_BYTES, OutsideTokenRecord, OutsideTokenSource, OutsideTokenVerdict, OutsideTokens,
    claimed_issuer,
};
pub use crate::permission::Permission;
pub use crate::principal::{ApiKeyGrant, Credential, Principal};
pub use crate::revocations::Revocations;
pub use crate::scope::Scope;
pub use crate::service_token::InternalKey;
pub use crate::verifier::Verifier;

#[cfg(test)]
mod tests;
