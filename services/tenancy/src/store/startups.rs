use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{StartupId, UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::schema::startups;

/// A company that agents advise.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = startups, check_for_backend(diesel::pg::Pg))]
pub(crate) struct StartupRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: StartupId,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) industry: Option<String>,
    pub(crate) stage: Option<String>,
    pub(crate) website: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) team_size: Option<i32>,
    pub(crate) created_by: UserId,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

pub(crate) async fn startup_insert(tx: &mut TenantTx<'_>, row: &StartupRow) -> Result<(), PgError> {
    diesel::insert_into(startups::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn startup_find(
    tx: &mut TenantTx<'_>,
    id: StartupId,
) -> Result<Option<StartupRow>, PgError> {
    let query = startups::table.find((tx.workspace_id(), id)).select(StartupRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// Newest first.
pub(crate) async fn startup_list(
    tx: &mut TenantTx<'_>,
    before: Option<StartupId>,
    limit: i64,
) -> Result<Vec<StartupRow>, PgError> {
    let mut query = startups::table
        .filter(startups::workspace_id.eq(tx.workspace_id()))
        .select(StartupRow::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(startups::id.lt(before));
    }
    Ok(query.order(startups::id.desc()).limit(limit).load(tx.conn()).await?)
}
