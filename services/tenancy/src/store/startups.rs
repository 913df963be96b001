use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{StartupId, UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::schema::startups;
use crate::store::contains;

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

/// What may be changed; `None` stays, and `Some(None)` is taken away.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = startups)]
pub(crate) struct StartupChanges {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<Option<String>>,
    pub(crate) industry: Option<Option<String>>,
    pub(crate) stage: Option<Option<String>>,
    pub(crate) website: Option<Option<String>>,
    pub(crate) country: Option<Option<String>>,
    pub(crate) team_size: Option<Option<i32>>,
    pub(crate) updated_at: Option<DateTime<Utc>>,
}

/// Which start-ups to list.
#[derive(Debug, Default)]
pub(crate) struct StartupFilter {
    /// A part of the name.
    pub(crate) search: Option<String>,
    pub(crate) stage: Option<&'static str>,
}

pub(crate) async fn startup_insert(tx: &mut TenantTx<'_>, row: &StartupRow) -> Result<(), PgError> {
    diesel::insert_into(startups::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn startup_find(
    tx: &mut TenantTx<'_>,
    id: StartupId,
) -> Result<Option<StartupRow>, PgError> {
    let query = startups::table.find((tx.workspace_id(), id)).filter(startups::deleted_at.is_null());
    Ok(query.select(StartupRow::as_select()).first(tx.conn()).await.optional()?)
}

/// None: there is none of this id, or not any longer.
pub(crate) async fn startup_update(
    tx: &mut TenantTx<'_>,
    id: StartupId,
    changes: &StartupChanges,
) -> Result<Option<StartupRow>, PgError> {
    let present = startups::table.find((tx.workspace_id(), id)).filter(startups::deleted_at.is_null());
    let update = diesel::update(present).set(changes).returning(StartupRow::as_returning());
    Ok(update.get_result(tx.conn()).await.optional()?)
}

/// False: there is none of this id, or not any longer.
pub(crate) async fn startup_delete(
    tx: &mut TenantTx<'_>,
    id: StartupId,
    now: DateTime<Utc>,
) -> Result<bool, PgError> {
    let present = startups::table.find((tx.workspace_id(), id)).filter(startups::deleted_at.is_null());
    let delete = diesel::update(present).set(startups::deleted_at.eq(now));
    Ok(delete.execute(tx.conn()).await? == 1)
}

/// Newest first.
pub(crate) async fn startup_list(
    tx: &mut TenantTx<'_>,
    filter: &StartupFilter,
    before: Option<StartupId>,
    limit: i64,
) -> Result<Vec<StartupRow>, PgError> {
    let mut query = startups::table
        .filter(startups::workspace_id.eq(tx.workspace_id()))
        .filter(startups::deleted_at.is_null())
        .select(StartupRow::as_select())
        .into_boxed();
    if let Some(search) = &filter.search {
        query = query.filter(startups::name.ilike(contains(search)));
    }
    if let Some(stage) = filter.stage {
        query = query.filter(startups::stage.eq(stage));
    }
    if let Some(before) = before {
        query = query.filter(startups::id.lt(before));
    }
    Ok(query.order(startups::id.desc()).limit(limit).load(tx.conn()).await?)
}
