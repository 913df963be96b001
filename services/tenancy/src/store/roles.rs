use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{RoleId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _, expect_one};

use crate::schema::roles;

/// A workspace's own role.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = roles, check_for_backend(diesel::pg::Pg))]
pub(crate) struct RoleRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) id: RoleId,
    pub(crate) name: String,
    /// The name with its case folded.
    pub(crate) name_key: String,
    pub(crate) description: Option<String>,
    pub(crate) permissions: Vec<String>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

pub(crate) async fn role_insert(tx: &mut TenantTx<'_>, row: &RoleRow) -> Result<(), PgError> {
    diesel::insert_into(roles::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn role_find(tx: &mut TenantTx<'_>, id: RoleId) -> Result<Option<RoleRow>, PgError> {
    let query = roles::table.find((tx.workspace_id(), id)).select(RoleRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// All of them, by name.
pub(crate) async fn role_list(tx: &mut TenantTx<'_>) -> Result<Vec<RoleRow>, PgError> {
    let query = roles::table
        .filter(roles::workspace_id.eq(tx.workspace_id()))
        .order(roles::name_key)
        .select(RoleRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

pub(crate) async fn role_count(tx: &mut TenantTx<'_>) -> Result<i64, PgError> {
    let query = roles::table.filter(roles::workspace_id.eq(tx.workspace_id())).count();
    Ok(query.get_result(tx.conn()).await?)
}

pub(crate) async fn role_save(tx: &mut TenantTx<'_>, row: &RoleRow) -> Result<(), PgError> {
    let values = (
        roles::name.eq(&row.name),
        roles::name_key.eq(&row.name_key),
        roles::description.eq(&row.description),
        roles::permissions.eq(&row.permissions),
        roles::updated_at.eq(row.updated_at),
    );
    let saved = diesel::update(roles::table.find((tx.workspace_id(), row.id))).set(values);
    expect_one(saved.execute(tx.conn()).await?)
}

/// Refused by `members_own_role` while somebody has it.
pub(crate) async fn role_delete(tx: &mut TenantTx<'_>, id: RoleId) -> Result<(), PgError> {
    let row = diesel::delete(roles::table.find((tx.workspace_id(), id)));
    expect_one(row.execute(tx.conn()).await?)
}
