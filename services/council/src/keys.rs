//! The keys that workspaces have with providers of models: sealed where they are kept, opened for a run.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use secrecy::SecretString;
use witan_clock::Clock;
use witan_ids::WorkspaceId;
use witan_llm::ProviderKeys;
use witan_pg::resealing::{Context, Key, SealedColumn};
use witan_pg::{Cipher, CipherError, PgError, TenantTx};

use crate::app::App;
use crate::store::provider_keys::{ProviderKeyRow, provider_key_list};

/// How long opened keys are used again.
const FRESH: Duration = Duration::from_secs(5);
const CAPACITY: u64 = 10_000;

/// Seals and opens them. The context binds a key to its row: moved to another workspace or provider, it does not open.
#[derive(Clone)]
pub(crate) struct Seals {
    cipher: Cipher,
    clock: Clock,
    /// What was opened a moment ago: a key is asked for with every call of a plain model.
    opened: Cache<WorkspaceId, Arc<ProviderKeys>>,
}

impl Seals {
    pub(crate) fn new(cipher: Cipher, clock: Clock) -> Self {
        let opened = Cache::builder().max_capacity(CAPACITY).time_to_live(FRESH).build();
        Self { cipher, clock, opened }
    }

    pub(crate) fn seal(&self, workspace: WorkspaceId, provider: &str, key: &str) -> Vec<u8> {
        self.cipher.seal(&self.clock, &context(workspace, provider), key.as_bytes())
    }

    /// A workspace's keys have changed. Other processes use the old ones for as long as theirs are fresh.
    pub(crate) async fn forget(&self, workspace: WorkspaceId) {
        self.opened.invalidate(&workspace).await;
    }

    fn open(&self, row: &ProviderKeyRow) -> Result<SecretString, CipherError> {
        let plain = self.cipher.open(&context(row.workspace_id, &row.provider), &row.sealed)?;
        String::from_utf8(plain).map(SecretString::from).map_err(|_| CipherError::Malformed)
    }
}

/// What is sealed anew when the encryption key changes.
pub(crate) const SEALED: [SealedColumn; 1] = [SealedColumn {
    table: "provider_keys",
    key: Key::Text("provider"),
    column: "sealed",
    context: Context::Tenant(|workspace, provider| Some(context(workspace, provider))),
}];

fn context(workspace: WorkspaceId, provider: &str) -> String {
    format!("council.provider_key:{workspace}:{provider}")
}

/// The keys of a workspace; one that does not open is as good as none, and is told to operators.
pub(crate) async fn of_workspace(app: &App, workspace: WorkspaceId) -> Result<Arc<ProviderKeys>, PgError> {
    if let Some(opened) = app.seals.opened.get(&workspace).await {
        return Ok(opened);
    }
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
    let opened = Arc::new(ProviderKeys::new(workspace.to_string(), rows.into_iter().filter_map(open)));
    app.seals.opened.insert(workspace, Arc::clone(&opened)).await;
    Ok(opened)
}
