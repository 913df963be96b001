//! API keys as this process and the other services look them up.

use async_trait::async_trait;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use witan_access::api_key::ApiKeyProof;
use witan_access::{AccessError, ApiKeyRecord, ApiKeySource};
use witan_clock::Clock;
use witan_pg::{Pg, PgError};

use crate::store::api_keys::{ShownKey, api_key_shown, api_key_used};

/// The keys of our own table.
pub(crate) struct StoredApiKeys {
    pub(crate) pg: Pg,
    pub(crate) clock: Clock,
}

impl StoredApiKeys {
    /// The key that the proof is of, if it is good now; that it was used is noted.
    pub(crate) async fn look_up(&self, proof: &ApiKeyProof) -> Result<Option<ApiKeyRecord>, PgError> {
        let now = self.clock.now();
        let prefix = proof.prefix.as_str();
        let found = self.pg.read("api_key.shown", async |conn| api_key_shown(conn, prefix).await).await?;
        // How much of a digest is right must not show in the time it takes to refuse it.
        let ours = |key: &ShownKey| verify_slices_are_equal(&key.digest, &proof.digest).is_ok();
        let Some(key) = found.filter(ours).filter(|key| key.is_good(now)) else { return Ok(None) };
        if key.is_use_news(now) {
            let id = key.row.id;
            self.pg.write("api_key.used", async |conn| api_key_used(conn, id, now).await).await?;
        }
        Ok(key.row.owner().map(|owner| ApiKeyRecord {
            key_id: key.row.id,
            user_id: owner.identity(key.row.id),
            workspace_id: key.row.workspace,
            default_workspace_id: key.default_workspace(),
            scopes: key.row.scopes(),
            methods: key.row.methods,
            created_at: key.row.created_at,
            expires_at: key.row.expires_at,
        }))
    }
}

#[async_trait]
impl ApiKeySource for StoredApiKeys {
    async fn find(&self, proof: &ApiKeyProof) -> Result<Option<ApiKeyRecord>, AccessError> {
        self.look_up(proof).await.map_err(|error| AccessError::unavailable("API keys", error))
    }
}
