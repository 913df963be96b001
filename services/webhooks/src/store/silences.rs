//! Workspaces that await their deletion.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_pg::{PgError, Pipeline, TenantTx, Tx as _};

use crate::schema::silences;

pub(crate) async fn silence_begin(tx: &mut TenantTx<'_>, now: DateTime<Utc>) -> Result<(), PgError> {
    let row = (silences::workspace_id.eq(tx.workspace_id()), silences::since.eq(now));
    diesel::insert_into(silences::table).values(row).on_conflict_do_nothing().execute(tx.conn()).await?;
    Ok(())
}

/// Waits for those who hold something back because of it, so that their deliveries are seen afterwards.
pub(crate) async fn silence_end(tx: &mut TenantTx<'_>) -> Result<bool, PgError> {
    let ended = diesel::delete(silences::table.find(tx.workspace_id())).execute(tx.conn()).await?;
    Ok(ended == 1)
}

/// Whether nothing is sent for the workspace; then that stays so until the transaction ends.
pub(crate) async fn silence_holds(tx: Pipeline<'_>) -> Result<bool, PgError> {
    let query = silences::table.find(tx.workspace_id()).select(silences::since).for_share();
    let since: Option<DateTime<Utc>> = query.first(&mut tx.conn()).await.optional()?;
    Ok(since.is_some())
}
