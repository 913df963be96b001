use async_trait::async_trait;
use witan_access::{AccessError, FeatureFlag, FeatureFlagSource};
use witan_pg::{Pg, PgError, SystemTx};

use crate::store::feature_flags::{NamedFlag, flag_list};

/// The feature flags from this service's own tables.
#[derive(Clone)]
pub(crate) struct OwnFlags(pub(crate) Pg);

impl OwnFlags {
    /// All of them.
    pub(crate) async fn all(&self) -> Result<Vec<FeatureFlag>, PgError> {
        let list = async |tx: &mut SystemTx<'_>| flag_list(tx, None, None).await;
        Ok(self.0.tx("feature_flag.all", list).await?.into_iter().map(NamedFlag::rule).collect())
    }
}

#[async_trait]
impl FeatureFlagSource for OwnFlags {
    async fn feature_flags(&self) -> Result<Vec<FeatureFlag>, AccessError> {
        self.all().await.map_err(|error| AccessError::unavailable("feature flags", error))
    }
}
