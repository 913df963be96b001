//! The keys that workspaces have with providers of models: sealed where they are kept, opened for a run.

use std::sync::Arc;

use secrecy::SecretString;
use witan_clock::Clock;
use witan_ids::WorkspaceId;
use witan_llm::ProviderKeys;
use witan_pg::{Cipher, CipherError, PgError, TenantTx};

use crate::app::App;
use crate::store::provider_keys::{ProviderKeyRow, provider_key_list};

/// Seals and opens them. The context binds a key to its row: moved to another workspace or provider, it does not open.
#[derive(Clone)]
pub(crate) struct Seals {
    cipher: Cipher,
    clock: Clock,
}

impl Seals {
    pub(crate) fn new(cipher: Cipher, clock: Clock) -> Self {
        Self { cipher, clock }
    }

    pub(crate) fn seal(&self, workspace: WorkspaceId, provider: &str, key: &str) -> Vec<u8> {
        self.cipher.seal(&self.clock, &context(workspace, provider), key.as_bytes())
    }

    fn open(&self, row: &ProviderKeyRow) -> Result<SecretString, CipherError> {
        let plain = self.cipher.open(&context(row.workspace_id, &row.provider), &row.sealed)?;
        String::from_utf8(plain).map(SecretString::from).map_err(|_| CipherError::Malformed)
    }
}

fn context(workspace: WorkspaceId, provider: &str) -> String {
    format!("council.provider_key:{workspace}:{provider}")
}

/// The keys of a workspace; one that does not open is as good as none, and is told to operators.
pub(crate) async fn of_workspace(app: &App, workspace: WorkspaceId) -> Result<Arc<ProviderKeys>, PgError> {
    let list = async |tx: &mut TenantTx<'_>| provider_key_list(tx).await;
    let rows = app.pg.tenant_read("provider_key.open", workspace, list).await?;
    let open = |row: ProviderKeyRow| match app.seals.open(&row) {
        Ok(key) => Some((row.provider, key)),
        Err(error) => {
            tracing::error!(
                %workspace, provider = row.provider, error = &error as &dyn std::error::Error,
                "a workspace's key does not open"
            );
            None
        }
    };
    Ok(Arc::new(ProviderKeys::new(workspace.to_string(), rows.into_iter().filter_map(open))))
}
