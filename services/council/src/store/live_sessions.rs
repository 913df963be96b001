use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{AgentSessionId, WorkspaceId};
use witan_pg::{PgError, SystemTx, TenantTx, Tx, expect_one};

use crate::schema::live_sessions as table;

/// A session that is not over. The table belongs to no tenant: it is how the hourly job finds what is idle.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct LiveSessionRow {
    pub(crate) session_id: AgentSessionId,
    pub(crate) tenant: WorkspaceId,
    pub(crate) active_at: DateTime<Utc>,
}

/// Notes that something happened in a session now.
pub(crate) async fn live_session_put(
    tx: &mut TenantTx<'_>,
    session_id: AgentSessionId,
    active_at: DateTime<Utc>,
) -> Result<(), PgError> {
    let row = LiveSessionRow { session_id, tenant: tx.workspace_id(), active_at };
    let noted = diesel::insert_into(table::table)
        .values(row)
        .on_conflict(table::session_id)
        .do_update()
        .set(table::active_at.eq(active_at));
    expect_one(noted.execute(tx.conn()).await?)
}

pub(crate) async fn live_session_delete(tx: &mut impl Tx, id: AgentSessionId) -> Result<(), PgError> {
    diesel::delete(table::table.find(id)).execute(tx.conn()).await?;
    Ok(())
}

/// Some in which nothing happened since `before`, the longest first. Not locked: whoever uses a session holds its row
/// first, and the job does as well.
pub(crate) async fn live_session_idle(
    tx: &mut SystemTx<'_>,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<LiveSessionRow>, PgError> {
    let query = table::table
        .filter(table::active_at.le(before))
        .order(table::active_at)
        .limit(limit)
        .select(LiveSessionRow::as_select());
    Ok(query.load(tx.conn()).await?)
}
