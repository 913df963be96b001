//! What a persona keeps encrypted. The context binds a value to its row: moved to another row, it does not open.

use url::Url;
use witan_clock::Clock;
use witan_egress::SigningSecret;
use witan_ids::{PersonaId, SecretId, WorkspaceId};
use witan_pg::resealing::{Context, Key, SealedColumn, typed};
use witan_pg::{Cipher, CipherError};

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

    pub(crate) fn seal_url(&self, workspace: WorkspaceId, id: PersonaId, url: &Url) -> Vec<u8> {
        self.cipher.seal(&self.clock, &context("url", workspace, id), url.as_str().as_bytes())
    }

    pub(crate) fn open_url(
        &self,
        workspace: WorkspaceId,
        id: PersonaId,
        sealed: &[u8],
    ) -> Result<Url, SealError> {
        let bytes = self.cipher.open(&context("url", workspace, id), sealed)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| SealError::Content)?;
        Url::parse(text).map_err(|_| SealError::Content)
    }

    pub(crate) fn seal_secret(
        &self,
        workspace: WorkspaceId,
        id: PersonaId,
        secret: &SigningSecret,
    ) -> Vec<u8> {
        self.cipher.seal(&self.clock, &context("secret", workspace, id), secret.bytes())
    }

    pub(crate) fn open_secret(
        &self,
        workspace: WorkspaceId,
        id: PersonaId,
        sealed: &[u8],
    ) -> Result<SigningSecret, SealError> {
        Ok(SigningSecret::from_bytes(self.cipher.open(&context("secret", workspace, id), sealed)?))
    }

    pub(crate) fn seal_trait_secret(
        &self,
        workspace: WorkspaceId,
        id: SecretId,
        secret: &SigningSecret,
    ) -> Vec<u8> {
        self.cipher.seal(&self.clock, &trait_context(workspace, id), secret.bytes())
    }

    pub(crate) fn open_trait_secret(
        &self,
        workspace: WorkspaceId,
        id: SecretId,
        sealed: &[u8],
    ) -> Result<SigningSecret, SealError> {
        Ok(SigningSecret::from_bytes(self.cipher.open(&trait_context(workspace, id), sealed)?))
    }
}

/// What is sealed anew when the encryption key changes.
pub(crate) const SEALED: [SealedColumn; 3] = [
    SealedColumn {
        table: "personas",
        key: Key::Uuid("id"),
        column: "url_sealed",
        context: Context::Tenant(|workspace, id| {
            Some(context("url", workspace, typed(id, PersonaId::from_uuid)?))
        }),
    },
    SealedColumn {
        table: "personas",
        key: Key::Uuid("id"),
        column: "secret_sealed",
        context: Context::Tenant(|workspace, id| {
            Some(context("secret", workspace, typed(id, PersonaId::from_uuid)?))
        }),
    },
    SealedColumn {
        table: "trait_secrets",
        key: Key::Uuid("id"),
        column: "sealed",
        context: Context::Tenant(|workspace, id| {
            Some(trait_context(workspace, typed(id, SecretId::from_uuid)?))
        }),
    },
];

fn trait_context(workspace: WorkspaceId, id: SecretId) -> String {
    format!("chat.traits.secret:{workspace}:{id}")
}

fn context(what: &str, workspace: WorkspaceId, id: PersonaId) -> String {
    format!("chat.persona.{what}:{workspace}:{id}")
}
