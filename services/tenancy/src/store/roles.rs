use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{RoleId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _};

use crate::schema::roles;

/// A workspace's own role.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
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

pub(crate) async fn role_find(tx: &mut TenantTx<'_>, id: RoleId) -> Result<Option<RoleRow>, PgError> {
    let query = roles::table.find((tx.workspace_id(), id)).select(RoleRow::as_select());
    Ok(query.first(tx.conn()).await.optional()?)
}
