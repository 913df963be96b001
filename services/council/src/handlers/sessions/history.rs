use serde::Serialize;
use utoipa::ToSchema;
use witan_ids::AgentSessionId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Page, Paging, Path, Result, State, Tenant};

use super::show::find;
use super::view::{SessionMessage, ToolCall};
use crate::app::App;
use crate::store::session_messages::session_message_list;
use crate::store::session_tools::{ToolFilter, session_tool_list};

/// Something that happened in a session: exactly one of its members is there.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HistoryEntry {
    /// Its number, from 1 on, without gaps.
    seq: i32,
    message: Option<SessionMessage>,
    tool_call: Option<ToolCall>,
}

/// Replays a session: everything that was said and every use of a tool, in the order in which it happened.
#[utoipa::path(get, path = "/api/v1/sessions/{sessionId}/history", operation_id = "replayAgentSession",
    tag = "sessions", params(("sessionId" = AgentSessionId, Path, description = "The session"), Paging),
    responses((status = 200, description = "Entries", body = Page<HistoryEntry>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<AgentSessionId>,
    paging: Paging,
) -> Result<Page<HistoryEntry>> {
    let bound = ("session.history", tenant.workspace_id, tenant.user_id, id);
    let after: i32 = paging.position(&app.cursors, &bound)?.unwrap_or_default();
    find(&app, &tenant, id).await?;
    let list = async |tx: &mut TenantTx<'_>| -> std::result::Result<_, PgError> {
        let messages = session_message_list(tx, id, None, after, paging.rows()).await?;
        let tools = session_tool_list(tx, id, &ToolFilter::default(), after, paging.rows()).await?;
        Ok((messages, tools))
    };
    let (messages, tools) = app.pg.tenant_read("session.history", tenant.workspace_id, list).await?;
    let said = messages.into_iter().map(|row| HistoryEntry {
        seq: row.seq,
        message: Some(row.into()),
        tool_call: None,
    });
    let used = tools.into_iter().map(|row| HistoryEntry {
        seq: row.seq,
        message: None,
        tool_call: Some(row.into()),
    });
    // Two tables, one order: the first of both are among the first of each.
    let mut entries: Vec<HistoryEntry> = said.chain(used).collect();
    entries.sort_by_key(|entry| entry.seq);
    Ok(Page::of(entries, paging.limit(), |entry| app.cursors.encode(&bound, &entry.seq)))
}
