//! Sessions, with what was said and which tools were used.

use serde::Serialize;
use uuid::Uuid;
use witan_ids::{AgentSessionId, UserId, WorkspaceId};
use witan_pg::TenantTx;
use witan_web::{Lines, Problem};

use crate::app::App;
use crate::handlers::sessions::view::{Session, SessionMessage, ToolCall};
use crate::store::held_sessions::held_sessions;
use crate::store::session_messages::session_message_list;
use crate::store::session_tools::{ToolFilter, session_tool_list};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<T> {
    session_id: AgentSessionId,
    #[serde(flatten)]
    shown: T,
}

/// Tells all sessions, or those of one person.
pub(super) async fn sessions(
    app: &App,
    workspace: WorkspaceId,
    user: Option<UserId>,
    lines: &mut Lines<'_>,
) -> Result<(), Problem> {
    let shown_as = user.map(|_| workspace);
    let now = app.clock.now();
    let mut after = Some(AgentSessionId::from_uuid(Uuid::nil()));
    while let Some(last) = after {
        let page = async |tx: &mut TenantTx<'_>| held_sessions(tx, user, last).await;
        let rows = app.pg.tenant_read("held.sessions", workspace, page).await?;
        let ids: Vec<AgentSessionId> = rows.iter().map(|row| row.id).collect();
        after = ids.last().copied();
        let told: Vec<Session> = rows.into_iter().map(|row| Session::of(row, now)).collect();
        lines.page("session", shown_as, &told).await?;
        for id in ids {
            messages(app, workspace, shown_as, id, lines).await?;
            tools(app, workspace, shown_as, id, lines).await?;
        }
    }
    Ok(())
}

async fn messages(
    app: &App,
    workspace: WorkspaceId,
    shown_as: Option<WorkspaceId>,
    session_id: AgentSessionId,
    lines: &mut Lines<'_>,
) -> Result<(), Problem> {
    let mut after = Some(0);
    while let Some(last) = after {
        let page =
            async |tx: &mut TenantTx<'_>| session_message_list(tx, session_id, None, last, Lines::PAGE).await;
        let rows = app.pg.tenant_read("held.session_messages", workspace, page).await?;
        after = rows.last().map(|row| row.seq);
        let told = rows.into_iter().map(|row| Told { session_id, shown: SessionMessage::from(row) });
        lines.page("sessionMessage", shown_as, &told.collect::<Vec<_>>()).await?;
    }
    Ok(())
}

async fn tools(
    app: &App,
    workspace: WorkspaceId,
    shown_as: Option<WorkspaceId>,
    session_id: AgentSessionId,
    lines: &mut Lines<'_>,
) -> Result<(), Problem> {
    let mut after = Some(0);
    while let Some(last) = after {
        let filter = ToolFilter::default();
        let page =
            async |tx: &mut TenantTx<'_>| session_tool_list(tx, session_id, &filter, last, Lines::PAGE).await;
        let rows = app.pg.tenant_read("held.session_tools", workspace, page).await?;
        after = rows.last().map(|row| row.seq);
        let told = rows.into_iter().map(|row| Told { session_id, shown: ToolCall::from(row) });
        lines.page("sessionTool", shown_as, &told.collect::<Vec<_>>()).await?;
    }
    Ok(())
}
