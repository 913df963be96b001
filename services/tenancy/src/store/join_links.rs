use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx, TenantTx, Tx as _};

use crate::schema::join_links;

/// The link by which who holds its secret becomes a member.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = join_links, primary_key(workspace_id), check_for_backend(diesel::pg::Pg))]
pub(crate) struct JoinLinkRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) digest: Vec<u8>,
    pub(crate) max_uses: i32,
    pub(crate) uses: i32,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) created_by: UserId,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
}

pub(crate) async fn join_link_find(tx: &mut TenantTx<'_>) -> Result<Option<JoinLinkRow>, PgError> {
    let query = join_links::table.find(tx.workspace_id()).select(JoinLinkRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// The same, held until the transaction ends: of many who join at once each counts those before.
pub(crate) async fn join_link_lock(tx: &mut TenantTx<'_>) -> Result<Option<JoinLinkRow>, PgError> {
    let query = join_links::table.find(tx.workspace_id()).select(JoinLinkRow::as_select());
    Ok(query.for_update().first(tx.conn()).await.optional()?)
}

/// Writes the link, over the one before.
pub(crate) async fn join_link_save(tx: &mut TenantTx<'_>, row: &JoinLinkRow) -> Result<(), PgError> {
    let insert = diesel::insert_into(join_links::table).values(row);
    insert.on_conflict(join_links::workspace_id).do_update().set(row).execute(tx.conn()).await?;
    Ok(())
}

/// Says whether there was one.
pub(crate) async fn join_link_delete(tx: &mut TenantTx<'_>) -> Result<bool, PgError> {
    Ok(diesel::delete(join_links::table.find(tx.workspace_id())).execute(tx.conn()).await? == 1)
}

/// What the secret of this digest opens. Needs `see_by_secret`.
pub(crate) async fn join_link_by_digest(
    tx: &mut SystemTx<'_>,
    digest: &[u8],
) -> Result<Option<JoinLinkRow>, PgError> {
    let query = join_links::table.filter(join_links::digest.eq(digest)).select(JoinLinkRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// The link was made by `nobody` from now on.
pub(crate) async fn join_link_forget(
    tx: &mut TenantTx<'_>,
    user: UserId,
    nobody: UserId,
) -> Result<usize, PgError> {
    let own = join_links::table.find(tx.workspace_id()).filter(join_links::created_by.eq(user));
    Ok(diesel::update(own).set(join_links::created_by.eq(nobody)).execute(tx.conn()).await?)
}
