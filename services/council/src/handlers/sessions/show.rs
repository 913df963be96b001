use witan_ids::AgentSessionId;
use witan_pg::TenantTx;
use witan_web::{Json, Path, Problem, Result, State, Tenant};

use super::view::Session;
use crate::app::App;
use crate::store::sessions::{SessionRow, session_find};

/// Shows one of one's sessions.
#[utoipa::path(get, path = "/api/v1/sessions/{sessionId}", operation_id = "getAgentSession", tag = "sessions",
    params(("sessionId" = AgentSessionId, Path, description = "The session")),
    responses((status = 200, description = "The session", body = Session)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<AgentSessionId>,
) -> Result<Json<Session>> {
    let row = find(&app, &tenant, id).await?;
    Ok(Json(Session::of(row, app.clock.now())))
}

/// One of the caller's sessions.
pub(super) async fn find(app: &App, tenant: &Tenant, id: AgentSessionId) -> Result<SessionRow> {
    let find = async |tx: &mut TenantTx<'_>| session_find(tx, tenant.user_id, id).await;
    let found = app.pg.tenant_read("session.show", tenant.workspace_id, find).await?;
    found.ok_or_else(Problem::not_found)
}
