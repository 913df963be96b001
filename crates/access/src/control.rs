use std::sync::Arc;

use witan_clock::Clock;

use crate::{
    AccessError, ApiKeys, CachedMemberships, Csrf, Denial, FeatureFlags, Freshness, InternalKey,
    OutsideTokens, Principal, Revocations, Verifier, service_token,
};

/// Everything that decides whether a request may go on, for one service.
#[derive(Clone)]
pub struct AccessControl {
    /// The service that is asked.
    pub service: String,
    /// Verifies the tokens of people.
    pub verifier: Verifier,
    /// Knows the tokens of other issuers.
    pub outside_tokens: OutsideTokens,
    /// Verifies API keys.
    pub api_keys: ApiKeys,
    /// Knows who belongs where.
    pub memberships: CachedMemberships,
    /// Knows what is switched on for whom.
    pub feature_flags: FeatureFlags,
    /// Verifies the tokens of other services.
    pub internal_key: InternalKey,
    /// Whether the state that all of them keep is still true.
    pub freshness: Freshness,
    /// The time.
    pub clock: Clock,
}

impl AccessControl {
    /// The sessions that were ended early.
    pub fn revocations(&self) -> &Revocations {
        self.verifier.revocations()
    }

    /// Makes and checks the tokens of pages that use cookies.
    pub fn csrf(&self) -> &Csrf {
        self.internal_key.csrf()
    }

    /// Who a bearer token stands for, whether we issued it or somebody whom we trust did.
    ///
    /// # Errors
    /// When it does not hold, or when whoever knows does not answer.
    pub async fn verify_bearer(&self, token: &str) -> Result<Arc<Principal>, AccessError> {
        match self.outside_tokens.claims(token).await? {
            true => self.outside_tokens.verify(token).await,
            false => self.verifier.verify(token).await,
        }
    }

    /// The name of the service that calls.
    ///
    /// # Errors
    /// When its token does not hold.
    pub fn verify_service(&self, token: &str) -> Result<String, AccessError> {
        let caller: Result<String, Denial> =
            service_token::verify(&self.internal_key, token, &self.service, &self.clock);
        Ok(caller?)
    }
}
