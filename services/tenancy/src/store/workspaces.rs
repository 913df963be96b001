use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx, TenantTx, Tx as _};

use crate::schema::{members, workspaces};
use crate::store::members::MemberRow;

/// A workspace.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = workspaces, check_for_backend(diesel::pg::Pg))]
pub(crate) struct WorkspaceRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) name: String,
    pub(crate) time_zone: String,
    pub(crate) locale: String,
    pub(crate) created_by: UserId,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) require_second_factor: bool,
    pub(crate) deletion_requested_at: Option<DateTime<Utc>>,
    pub(crate) deletion_requested_by: Option<UserId>,
    pub(crate) deletion_due_at: Option<DateTime<Utc>>,
}

/// What may be changed; `None` stays.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = workspaces)]
pub(crate) struct WorkspaceChanges {
    pub(crate) name: Option<String>,
    pub(crate) time_zone: Option<String>,
    pub(crate) locale: Option<String>,
    pub(crate) updated_at: Option<DateTime<Utc>>,
    pub(crate) require_second_factor: Option<bool>,
}

pub(crate) async fn workspace_insert(tx: &mut TenantTx<'_>, row: &WorkspaceRow) -> Result<(), PgError> {
    diesel::insert_into(workspaces::table).values(row).execute(tx.conn()).await?;
    Ok(())
}

/// The workspace of the transaction.
pub(crate) async fn workspace_find(tx: &mut TenantTx<'_>) -> Result<Option<WorkspaceRow>, PgError> {
    let query = workspaces::table.find(tx.workspace_id()).select(WorkspaceRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}

/// Holds the workspace until the transaction ends. Whoever changes who belongs to it, and as what, does this first: what
/// they count then stays true. Of several workspaces, those of lower ids first.
pub(crate) async fn workspace_lock(tx: &mut TenantTx<'_>) -> Result<(), PgError> {
    // No stronger: rows that point to the workspace are still written meanwhile.
    let query =
        workspaces::table.find(tx.workspace_id()).select(workspaces::workspace_id).for_no_key_update();
    query.execute(tx.conn()).await?;
    Ok(())
}

/// The same for whoever may remove it: nothing that points to it is written meanwhile, either.
pub(crate) async fn workspace_lock_whole(tx: &mut TenantTx<'_>) -> Result<(), PgError> {
    let query = workspaces::table.find(tx.workspace_id()).select(workspaces::workspace_id).for_update();
    query.execute(tx.conn()).await?;
    Ok(())
}

pub(crate) async fn workspace_update(
    tx: &mut TenantTx<'_>,
    changes: &WorkspaceChanges,
) -> Result<WorkspaceRow, PgError> {
    let row = diesel::update(workspaces::table.find(tx.workspace_id()))
        .set(changes)
        .returning(WorkspaceRow::as_returning())
        .get_result(tx.conn())
        .await?;
    Ok(row)
}

diesel::define_sql_function! {
    /// Binds a value to a setting, until the transaction ends if `local`.
    fn set_config(name: Text, value: Text, local: diesel::sql_types::Bool) -> Text;
}

/// From here on the transaction acts for this person: it also sees their memberships and the workspaces of these, and
/// may write who they are.
pub(crate) async fn see_as(tx: &mut SystemTx<'_>, user: UserId) -> Result<(), PgError> {
    let bind = set_config("witan.user_id", user.uuid().to_string(), true);
    diesel::select(bind).execute(tx.conn()).await?;
    Ok(())
}

/// The workspaces a person is an active member of, with their place in each, newest first. Needs [`see_as`].
pub(crate) async fn workspace_list_own(
    tx: &mut SystemTx<'_>,
    user: UserId,
    before: Option<WorkspaceId>,
    limit: i64,
) -> Result<Vec<(WorkspaceRow, MemberRow)>, PgError> {
    let mut query = members::table
        .inner_join(workspaces::table.on(workspaces::workspace_id.eq(members::workspace_id)))
        .filter(members::user_id.eq(user).and(members::status.eq("ACTIVE")))
        .select((WorkspaceRow::as_select(), MemberRow::as_select()))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(members::workspace_id.lt(before.into_sql::<SqlUuid>()));
    }
    Ok(query.order(members::workspace_id.desc()).limit(limit).load(tx.conn()).await?)
}
