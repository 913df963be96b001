//! Sources that exist only once the service has started, for an access control that exists before.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use witan_access::api_key::ApiKeyProof;
use witan_access::{
    AccessError, ApiKeyRecord, ApiKeySource, FeatureFlag, FeatureFlagSource, JwkSet, KeySource, Membership,
    Memberships, OutsideTokenSource, OutsideTokenVerdict,
};
use witan_ids::{UserId, WorkspaceId};

/// A source that is set once. Until then it answers as one that is away.
pub(crate) struct Late<T: ?Sized>(OnceLock<Arc<T>>);

impl<T: ?Sized> Late<T> {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(OnceLock::new()))
    }

    /// Sets the source; only the first call has an effect.
    pub(crate) fn set(&self, source: Arc<T>) {
        // Nothing to do for a second one: start-up calls this once.
        let _ = self.0.set(source);
    }

    fn get(&self, what: &'static str) -> Result<&T, AccessError> {
        self.0.get().map(Arc::as_ref).ok_or_else(|| AccessError::unavailable(what, "the service is starting"))
    }
}

#[async_trait]
impl KeySource for Late<dyn KeySource> {
    async fn jwks(&self) -> Result<JwkSet, AccessError> {
        self.get("signing keys")?.jwks().await
    }
}

#[async_trait]
impl ApiKeySource for Late<dyn ApiKeySource> {
    async fn find(&self, proof: &ApiKeyProof) -> Result<Option<ApiKeyRecord>, AccessError> {
        self.get("API keys")?.find(proof).await
    }
}

#[async_trait]
impl OutsideTokenSource for Late<dyn OutsideTokenSource> {
    async fn issuers(&self) -> Result<Vec<String>, AccessError> {
        self.get("trusted issuers")?.issuers().await
    }

    async fn judge(&self, token: &str) -> Result<OutsideTokenVerdict, AccessError> {
        self.get("outside tokens")?.judge(token).await
    }
}

#[async_trait]
impl FeatureFlagSource for Late<dyn FeatureFlagSource> {
    async fn feature_flags(&self) -> Result<Vec<FeatureFlag>, AccessError> {
        self.get("feature flags")?.feature_flags().await
    }
}

#[async_trait]
impl Memberships for Late<dyn Memberships> {
    async fn find(
        &self,
        user: UserId,
        workspace: Option<WorkspaceId>,
    ) -> Result<Option<Membership>, AccessError> {
        self.get("memberships")?.find(user, workspace).await
    }
}
