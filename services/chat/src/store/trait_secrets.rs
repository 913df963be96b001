use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{SecretId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::schema::trait_secrets as table;

/// A secret with which others sign, sealed.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct TraitSecretRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: SecretId,
    pub(crate) sealed: Vec<u8>,
    pub(crate) created_at: DateTime<Utc>,
    /// Of one that was replaced: the end of the overlap.
    pub(crate) expires_at: Option<DateTime<Utc>>,
}

pub(crate) async fn trait_secret_insert(tx: &mut TenantTx<'_>, row: &TraitSecretRow) -> Result<(), PgError> {
    diesel::insert_into(table::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// Those that are in force, newest first.
pub(crate) async fn trait_secret_live(
    tx: &mut TenantTx<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<TraitSecretRow>, PgError> {
    let query = table::table
        .filter(table::expires_at.is_null().or(table::expires_at.gt(now)))
        .order(table::id.desc())
        .select(TraitSecretRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

/// Ends the current one at `until`, and drops those that were replaced before: two in force are enough. False if there was
/// none.
pub(crate) async fn trait_secret_retire(
    tx: &mut TenantTx<'_>,
    until: DateTime<Utc>,
) -> Result<bool, PgError> {
    diesel::delete(table::table.filter(table::expires_at.is_not_null())).execute(tx.conn()).await?;
    let current = diesel::update(table::table.filter(table::expires_at.is_null()));
    Ok(current.set(table::expires_at.eq(until)).execute(tx.conn()).await? > 0)
}

/// Ends all of them; false if there was none.
pub(crate) async fn trait_secret_delete(tx: &mut TenantTx<'_>) -> Result<bool, PgError> {
    Ok(diesel::delete(table::table).execute(tx.conn()).await? > 0)
}
