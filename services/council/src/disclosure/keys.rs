//! That there are keys with providers; not the keys.

use witan_ids::{UserId, WorkspaceId};
use witan_pg::TenantTx;
use witan_web::{Lines, Problem};

use crate::app::App;
use crate::handlers::models::keys::list::ProviderKey;
use crate::store::provider_keys::provider_key_list;

/// Tells of all keys, or of those that one person gave. There are no more of them than providers.
pub(super) async fn keys(
    app: &App,
    workspace: WorkspaceId,
    giver: Option<UserId>,
    lines: &mut Lines<'_>,
) -> Result<(), Problem> {
    let list = async |tx: &mut TenantTx<'_>| provider_key_list(tx).await;
    let rows = app.pg.tenant_read("held.provider_keys", workspace, list).await?;
    let rows = rows.into_iter().filter(|row| giver.is_none_or(|giver| row.changed_by == giver));
    let told: Vec<ProviderKey> = rows.map(ProviderKey::from).collect();
    lines.page("providerKey", giver.map(|_| workspace), &told).await.map(drop)
}
