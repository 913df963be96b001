use chrono::SubsecRound as _;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::{AgentSessionId, ToolCallId};
use witan_pg::TenantTx;
use witan_web::{Body, Created, Path, Result, State, Tenant};

use crate::app::App;
use crate::domain::session::ToolStatus;
use crate::handlers::sessions::activity::{Stopped, continued};
use crate::handlers::sessions::view::ToolCall;
use crate::store::session_tools::{SessionToolRow, session_tool_insert};

/// A use of a tool.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AddToolCall {
    #[schema(min_length = 1, max_length = 120, example = "search_documents")]
    tool: String,
    /// What kind of tool it is.
    #[serde(rename = "type")]
    #[schema(pattern = "^[A-Z][A-Z0-9_]{0,39}$", example = "SEARCH")]
    kind: String,
    status: ToolStatus,
    /// How long it took; a day at most.
    #[schema(minimum = 0, maximum = 86_400_000, example = 420)]
    duration_ms: i32,
    /// What came of it, or what went wrong.
    #[schema(max_length = 2000, nullable = false)]
    detail: Option<String>,
}

/// Adds a use of a tool to a session.
#[utoipa::path(post, path = "/api/v1/sessions/{sessionId}/tools", operation_id = "addSessionTool", tag = "sessions",
    params(("sessionId" = AgentSessionId, Path, description = "The session")),
    request_body = AddToolCall, responses((status = 201, description = "Added", body = ToolCall),
        (status = 409, description = "`council.session_over`: it was ended or has expired.")))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<AgentSessionId>,
    Body(wish): Body<AddToolCall>,
) -> Result<Created<ToolCall>> {
    let now = app.clock.now().trunc_subsecs(3);
    let call_id = ToolCallId::generate(&app.clock);
    let add = async |tx: &mut TenantTx<'_>| -> std::result::Result<SessionToolRow, Stopped> {
        let session = continued(tx, &tenant, id, now, 1).await?;
        let row = SessionToolRow {
            workspace_id: tenant.workspace_id,
            session_id: id,
            seq: session.entries,
            id: call_id,
            tool: wish.tool.clone(),
            kind: wish.kind.clone(),
            status: wish.status.as_str().to_owned(),
            duration_ms: wish.duration_ms,
            detail: wish.detail.clone(),
            created_at: now,
        };
        session_tool_insert(tx, &row).await?;
        Ok(row)
    };
    let row = app.pg.tenant("session.tool", tenant.workspace_id, add).await?;
    let location = format!("/api/v1/sessions/{id}/tools");
    Ok(Created { location, body: row.into() })
}
