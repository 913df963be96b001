use chrono::{DateTime, Utc};
use diesel::dsl::{count_star, sum};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{AgentSessionId, ToolCallId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _, expect_one};

use crate::domain::session::ToolStatus;
use crate::schema::session_tools as table;

/// A use of a tool in a session.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct SessionToolRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) session_id: AgentSessionId,
    pub(crate) seq: i32,
    pub(crate) id: ToolCallId,
    pub(crate) tool: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) duration_ms: i32,
    pub(crate) detail: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
}

/// Which uses of tools to list.
#[derive(Debug, Default)]
pub(crate) struct ToolFilter {
    pub(crate) tool: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) status: Option<ToolStatus>,
}

pub(crate) async fn session_tool_insert(tx: &mut TenantTx<'_>, row: &SessionToolRow) -> Result<(), PgError> {
    expect_one(diesel::insert_into(table::table).values(row).execute(tx.conn()).await?)
}

/// Oldest first.
pub(crate) async fn session_tool_list(
    tx: &mut TenantTx<'_>,
    session: AgentSessionId,
    filter: &ToolFilter,
    after: i32,
    limit: i64,
) -> Result<Vec<SessionToolRow>, PgError> {
    let of_session = table::workspace_id.eq(tx.workspace_id()).and(table::session_id.eq(session));
    let mut query = table::table
        .filter(of_session)
        .filter(table::seq.gt(after))
        .select(SessionToolRow::as_select())
        .into_boxed();
    if let Some(tool) = &filter.tool {
        query = query.filter(table::tool.eq(tool));
    }
    if let Some(kind) = &filter.kind {
        query = query.filter(table::kind.eq(kind));
    }
    if let Some(status) = filter.status {
        query = query.filter(table::status.eq(status.as_str()));
    }
    Ok(query.order(table::seq).limit(limit).load(tx.conn()).await?)
}

/// How often each status occurs, and how long such uses took together, in milliseconds.
pub(crate) async fn session_tool_totals(
    tx: &mut TenantTx<'_>,
    session: AgentSessionId,
) -> Result<Vec<(String, i64, i64)>, PgError> {
    let of_session = table::workspace_id.eq(tx.workspace_id()).and(table::session_id.eq(session));

    let query = table::table.filter(of_session).group_by(table::status).select((
        table::status,
        count_star(),
        sum(table::duration_ms),
    ));
    let rows: Vec<(String, i64, Option<i64>)> = query.load(tx.conn()).await?;
    Ok(rows.into_iter().map(|(status, count, total)| (status, count, total.unwrap_or_default())).collect())
}
