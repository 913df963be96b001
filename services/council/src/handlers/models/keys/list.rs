use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::UserId;
use witan_pg::TenantTx;
use witan_web::{Page, Result, State, Tenant};

use crate::app::App;
use crate::store::provider_keys::{ProviderKeyRow, provider_key_list};

/// That there is a key; not the key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProviderKey {
    #[schema(example = "groq")]
    provider: String,
    /// Its last four characters.
    #[schema(example = "x8Qz")]
    hint: String,
    /// Who gave it.
    changed_by: UserId,
    changed_at: DateTime<Utc>,
}

/// Lists the providers with which the workspace has a key of its own; all on one page.
#[utoipa::path(get, path = "/api/v1/models/keys", operation_id = "listProviderKeys", tag = "models",
    responses((status = 200, description = "Keys", body = Page<ProviderKey>)))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant) -> Result<Page<ProviderKey>> {
    let list = async |tx: &mut TenantTx<'_>| provider_key_list(tx).await;
    let rows = app.pg.tenant_read("provider_key.list", tenant.workspace_id, list).await?;
    Ok(Page::whole(rows).map(ProviderKey::from))
}

impl From<ProviderKeyRow> for ProviderKey {
    fn from(row: ProviderKeyRow) -> Self {
        Self {
            provider: row.provider,
            hint: row.hint,
            changed_by: row.changed_by,
            changed_at: row.changed_at,
        }
    }
}
