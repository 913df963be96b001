use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{ProjectId, UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::schema::projects;
use crate::store::contains;

/// What groups conversations and runs.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = projects, check_for_backend(diesel::pg::Pg))]
pub(crate) struct ProjectRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: ProjectId,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) archived_at: Option<DateTime<Utc>>,
    pub(crate) created_by: UserId,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// What may be changed; `None` stays, and `Some(None)` is taken away.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = projects)]
pub(crate) struct ProjectChanges {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<Option<String>>,
    pub(crate) archived_at: Option<Option<DateTime<Utc>>>,
    pub(crate) updated_at: Option<DateTime<Utc>>,
}

/// Which projects to list.
#[derive(Debug, Default)]
pub(crate) struct ProjectFilter {
    /// A part of the name.
    pub(crate) search: Option<String>,
    pub(crate) archived: bool,
}

pub(crate) async fn project_insert(tx: &mut TenantTx<'_>, row: &ProjectRow) -> Result<(), PgError> {
    diesel::insert_into(projects::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn project_find(
    tx: &mut TenantTx<'_>,
    id: ProjectId,
) -> Result<Option<ProjectRow>, PgError> {
    let query = projects::table.find((tx.workspace_id(), id)).filter(projects::deleted_at.is_null());
    Ok(query.select(ProjectRow::as_select()).first(tx.conn()).await.optional()?)
}

/// None: there is none of this id, or not any longer.
pub(crate) async fn project_update(
    tx: &mut TenantTx<'_>,
    id: ProjectId,
    changes: &ProjectChanges,
) -> Result<Option<ProjectRow>, PgError> {
    let present = projects::table.find((tx.workspace_id(), id)).filter(projects::deleted_at.is_null());
    let update = diesel::update(present).set(changes).returning(ProjectRow::as_returning());
    Ok(update.get_result(tx.conn()).await.optional()?)
}

/// False: there is none of this id, or not any longer.
pub(crate) async fn project_delete(
    tx: &mut TenantTx<'_>,
    id: ProjectId,
    now: DateTime<Utc>,
) -> Result<bool, PgError> {
    let present = projects::table.find((tx.workspace_id(), id)).filter(projects::deleted_at.is_null());
    let delete = diesel::update(present).set(projects::deleted_at.eq(now));
    Ok(delete.execute(tx.conn()).await? == 1)
}

/// Newest first.
pub(crate) async fn project_list(
    tx: &mut TenantTx<'_>,
    filter: &ProjectFilter,
    before: Option<ProjectId>,
    limit: i64,
) -> Result<Vec<ProjectRow>, PgError> {
    let mut query = projects::table
        .filter(projects::workspace_id.eq(tx.workspace_id()))
        .filter(projects::deleted_at.is_null())
        .select(ProjectRow::as_select())
        .into_boxed();
    query = match filter.archived {
        true => query.filter(projects::archived_at.is_not_null()),
        false => query.filter(projects::archived_at.is_null()),
    };
    if let Some(search) = &filter.search {
        query = query.filter(projects::name.ilike(contains(search)));
    }
    if let Some(before) = before {
        query = query.filter(projects::id.lt(before));
    }
    Ok(query.order(projects::id.desc()).limit(limit).load(tx.conn()).await?)
}
