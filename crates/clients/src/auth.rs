use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use witan_access::api_key::ApiKeyProof;
use witan_access::{
    AccessError, ApiKeyRecord, ApiKeySource, JwkSet, KeySource, OutsideTokenSource, OutsideTokenVerdict,
};
use witan_ids::SessionId;

use crate::ClientError;
use crate::channel::Channel;
use crate::error::found;

/// How long auth may take over a token of another issuer, whose keys it may have to fetch first.
const JUDGING: Duration = Duration::from_secs(2);
/// How long auth may take to write an order down.
const ORDERING: Duration = Duration::from_secs(5);

/// The auth service's internal API.
#[derive(Debug, Clone)]
pub struct AuthClient(pub(crate) Channel);

/// A session that was ended while access tokens of it may still live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevokedSession {
    /// The session.
    pub session_id: SessionId,
    /// When the last of its access tokens ends by itself.
    pub access_expires_at: DateTime<Utc>,
}

/// An invitation to be mailed.
#[derive(Serialize)]
#[serde(tag = "kind", rename = "invitation", rename_all = "camelCase")]
pub struct InvitationOrder<'a> {
    /// Under this it is mailed once, however often it is asked for.
    pub dedupe_key: &'a str,
    /// Where it goes.
    pub recipient: &'a str,
    /// What it is accepted with.
    pub secret: &'a str,
    /// The proved address of who invites, where known.
    pub inviter: Option<&'a str>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
}

impl fmt::Debug for InvitationOrder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvitationOrder").field("dedupe_key", &self.dedupe_key).finish_non_exhaustive()
    }
}

impl AuthClient {
    /// `POST /internal/mails`: mails an invitation, once for its key, however often it is asked.
    ///
    /// # Errors
    /// When auth does not answer, or refuses.
    pub async fn mail_invitation(&self, order: &InvitationOrder<'_>) -> Result<(), ClientError> {
        self.0.post("/internal/mails", order, ORDERING).await.map(|_: serde::de::IgnoredAny| ())
    }

    /// `GET /internal/revocations`: every session that was ended while access tokens of it may still live.
    ///
    /// # Errors
    /// When auth does not answer.
    pub async fn revocations(&self) -> Result<Vec<RevokedSession>, ClientError> {
        self.0.get("/internal/revocations", &[]).await
    }
}

#[async_trait]
impl ApiKeySource for AuthClient {
    /// `GET /internal/api-keys?prefix=&digest=`.
    async fn find(&self, proof: &ApiKeyProof) -> Result<Option<ApiKeyRecord>, AccessError> {
        let digest = proof.digest_text();
        let query = [("prefix", proof.prefix.as_str()), ("digest", digest.as_str())];
        let answer = found(self.0.get("/internal/api-keys", &query).await);
        answer.map_err(|error| AccessError::unavailable("API keys", error))
    }
}

#[async_trait]
impl OutsideTokenSource for AuthClient {
    /// `GET /internal/issuers`.
    async fn issuers(&self) -> Result<Vec<String>, AccessError> {
        let issuers = self.0.get("/internal/issuers", &[]).await;
        issuers.map_err(|error| AccessError::unavailable("trusted issuers", error))
    }

    /// `POST /internal/outside-tokens`: in the body, as addresses are written into logs.
    async fn judge(&self, token: &str) -> Result<OutsideTokenVerdict, AccessError> {
        let verdict = self.0.post("/internal/outside-tokens", &json!({"token": token}), JUDGING).await;
        verdict.map_err(|error| AccessError::unavailable("outside tokens", error))
    }
}

#[async_trait]
impl KeySource for AuthClient {
    /// `GET /internal/jwks`.
    async fn jwks(&self) -> Result<JwkSet, AccessError> {
        let keys = self.0.get("/internal/jwks", &[]).await;
        keys.map_err(|error| AccessError::unavailable("signing keys", error))
    }
}
