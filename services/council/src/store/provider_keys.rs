use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _, expect_one};

use crate::schema::provider_keys as table;

/// A workspace's key with a provider, sealed.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct ProviderKeyRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) provider: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) hint: String,
    pub(crate) changed_by: UserId,
    pub(crate) changed_at: DateTime<Utc>,
}

/// Keeps the key, instead of the one that was there.
pub(crate) async fn provider_key_put(tx: &mut TenantTx<'_>, row: &ProviderKeyRow) -> Result<(), PgError> {
    let kept = diesel::insert_into(table::table)
        .values(row)
        .on_conflict((table::workspace_id, table::provider))
        .do_update()
        .set((
            table::sealed.eq(excluded(table::sealed)),
            table::hint.eq(excluded(table::hint)),
            table::changed_by.eq(excluded(table::changed_by)),
            table::changed_at.eq(excluded(table::changed_at)),
        ));
    expect_one(kept.execute(tx.conn()).await?)
}

/// All of them, by provider.
pub(crate) async fn provider_key_list(tx: &mut TenantTx<'_>) -> Result<Vec<ProviderKeyRow>, PgError> {
    let query = table::table
        .filter(table::workspace_id.eq(tx.workspace_id()))
        .order(table::provider)
        .select(ProviderKeyRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

/// False if there was none.
pub(crate) async fn provider_key_delete(tx: &mut TenantTx<'_>, provider: &str) -> Result<bool, PgError> {
    let key = table::table.find((tx.workspace_id(), provider));
    Ok(diesel::delete(key).execute(tx.conn()).await? > 0)
}
