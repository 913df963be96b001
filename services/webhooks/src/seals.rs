//! What an endpoint keeps encrypted. The context binds a value to its row: moved to another row, it does not open.

use url::Url;
use witan_clock::Clock;
use witan_ids::{EndpointId, SecretId, WorkspaceId};
use witan_pg::resealing::{Context, Key, SealedColumn, typed};
use witan_pg::{Cipher, CipherError};

use crate::custom_headers::CustomHeaders;
use crate::domain::signature::Signature;
use crate::keys::SigningKey;
use crate::store::endpoints::EndpointRow;
use crate::store::secrets::SecretRow;

/// A value that does not open: the key is missing, or somebody changed the row.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealError {
    #[error(transparent)]
    Cipher(#[from] CipherError),
    #[error("what was sealed is not what it should be")]
    Content,
}

/// Seals and opens for one service.
#[derive(Clone)]
pub(crate) struct Seals {
    cipher: Cipher,
    clock: Clock,
}

impl Seals {
    pub(crate) fn new(cipher: Cipher, clock: Clock) -> Self {
        Self { cipher, clock }
    }

    pub(crate) fn seal_url(&self, workspace: WorkspaceId, id: EndpointId, url: &Url) -> Vec<u8> {
        self.cipher.seal(&self.clock, &url_context(workspace, id), url.as_str().as_bytes())
    }

    /// `None` of those that nothing is sent to.
    pub(crate) fn open_url(&self, row: &EndpointRow) -> Result<Option<Url>, SealError> {
        let Some(sealed) = &row.url_sealed else { return Ok(None) };
        let bytes = self.cipher.open(&url_context(row.workspace_id, row.id), sealed)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| SealError::Content)?;
        Url::parse(text).map(Some).map_err(|_| SealError::Content)
    }

    /// `None` for no headers at all.
    pub(crate) fn seal_headers(
        &self,
        workspace: WorkspaceId,
        id: EndpointId,
        headers: &CustomHeaders,
    ) -> Option<Vec<u8>> {
        let json = serde_json::to_vec(headers).ok().filter(|_| !headers.is_empty())?;
        Some(self.cipher.seal(&self.clock, &headers_context(workspace, id), &json))
    }

    pub(crate) fn open_headers(&self, row: &EndpointRow) -> Result<CustomHeaders, SealError> {
        let Some(sealed) = &row.headers_sealed else { return Ok(CustomHeaders::new()) };
        let json = self.cipher.open(&headers_context(row.workspace_id, row.id), sealed)?;
        serde_json::from_slice(&json).map_err(|_| SealError::Content)
    }

    pub(crate) fn seal_key(&self, workspace: WorkspaceId, id: SecretId, key: &SigningKey) -> Vec<u8> {
        self.cipher.seal(&self.clock, &secret_context(workspace, id), key.bytes())
    }

    pub(crate) fn open_key(&self, signature: Signature, row: &SecretRow) -> Result<SigningKey, SealError> {
        let bytes = self.cipher.open(&secret_context(row.workspace_id, row.id), &row.sealed)?;
        Ok(SigningKey::from_bytes(signature, bytes))
    }
}

/// What is sealed anew when the encryption key changes.
pub(crate) const SEALED: [SealedColumn; 3] = [
    SealedColumn {
        table: "endpoints",
        key: Key::Uuid("id"),
        column: "url_sealed",
        context: Context::Tenant(|workspace, id| {
            Some(url_context(workspace, typed(id, EndpointId::from_uuid)?))
        }),
    },
    SealedColumn {
        table: "endpoints",
        key: Key::Uuid("id"),
        column: "headers_sealed",
        context: Context::Tenant(|workspace, id| {
            Some(headers_context(workspace, typed(id, EndpointId::from_uuid)?))
        }),
    },
    SealedColumn {
        table: "endpoint_secrets",
        key: Key::Uuid("id"),
        column: "sealed",
        context: Context::Tenant(|workspace, id| {
            Some(secret_context(workspace, typed(id, SecretId::from_uuid)?))
        }),
    },
];

fn url_context(workspace: WorkspaceId, id: EndpointId) -> String {
    format!("webhooks.url:{workspace}:{id}")
}

fn headers_context(workspace: WorkspaceId, id: EndpointId) -> String {
    format!("webhooks.headers:{workspace}:{id}")
}

fn secret_context(workspace: WorkspaceId, id: SecretId) -> String {
    format!("webhooks.secret:{workspace}:{id}")
}
