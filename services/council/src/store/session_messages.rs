use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use witan_ids::{AgentSessionId, MessageId, RunId, WorkspaceId};
use witan_pg::{PgError, TenantTx, Tx as _, expect_one};

use crate::domain::session::SessionRole;
use crate::schema::session_messages as table;

/// Something that was said in a session.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, check_for_backend(diesel::pg::Pg))]
pub(crate) struct SessionMessageRow {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) session_id: AgentSessionId,
    pub(crate) seq: i32,
    pub(crate) id: MessageId,
    pub(crate) role: String,
    pub(crate) content: String,
    pub(crate) run_id: Option<RunId>,
    pub(crate) created_at: DateTime<Utc>,
}

pub(crate) async fn session_message_insert(
    tx: &mut TenantTx<'_>,
    row: &SessionMessageRow,
) -> Result<(), PgError> {
    expect_one(diesel::insert_into(table::table).values(row).execute(tx.conn()).await?)
}

/// Oldest first.
pub(crate) async fn session_message_list(
    tx: &mut TenantTx<'_>,
    session: AgentSessionId,
    role: Option<SessionRole>,
    after: i32,
    limit: i64,
) -> Result<Vec<SessionMessageRow>, PgError> {
    let of_session = table::workspace_id.eq(tx.workspace_id()).and(table::session_id.eq(session));
    let mut query = table::table
        .filter(of_session)
        .filter(table::seq.gt(after))
        .select(SessionMessageRow::as_select())
        .into_boxed();
    if let Some(role) = role {
        query = query.filter(table::role.eq(role.as_str()));
    }
    Ok(query.order(table::seq).limit(limit).load(tx.conn()).await?)
}

/// The last ones of those after `after`, oldest first.
pub(crate) async fn session_message_latest(
    tx: &mut TenantTx<'_>,
    session: AgentSessionId,
    after: i32,
    limit: i64,
) -> Result<Vec<SessionMessageRow>, PgError> {
    let of_session = table::workspace_id.eq(tx.workspace_id()).and(table::session_id.eq(session));
    let query = table::table
        .filter(of_session)
        .filter(table::seq.gt(after))
        .order(table::seq.desc())
        .limit(limit)
        .select(SessionMessageRow::as_select());
    let mut latest: Vec<SessionMessageRow> = query.load(tx.conn()).await?;
    latest.reverse();
    Ok(latest)
}

/// Those after `after`, up to number `to`, oldest first.
pub(crate) async fn session_message_between(
    tx: &mut TenantTx<'_>,
    session: AgentSessionId,
    after: i32,
    to: i32,
) -> Result<Vec<SessionMessageRow>, PgError> {
    let of_session = table::workspace_id.eq(tx.workspace_id()).and(table::session_id.eq(session));
    let query = table::table
        .filter(of_session)
        .filter(table::seq.gt(after).and(table::seq.le(to)))
        .order(table::seq)
        .select(SessionMessageRow::as_select());
    Ok(query.load(tx.conn()).await?)
}

pub(crate) async fn session_message_count(
    tx: &mut TenantTx<'_>,
    session: AgentSessionId,
) -> Result<i64, PgError> {
    let of_session = table::workspace_id.eq(tx.workspace_id()).and(table::session_id.eq(session));
    Ok(table::table.filter(of_session).count().get_result(tx.conn()).await?)
}
