use chrono::SubsecRound as _;
use witan_ids::AgentSessionId;
use witan_pg::TenantTx;
use witan_web::{Json, Path, Result, State, Tenant};

use super::show::find;
use super::view::Session;
use crate::app::App;
use crate::store::sessions::session_end;

/// Ends a session. What was said stays readable. Ending what is over changes nothing.
#[utoipa::path(post, path = "/api/v1/sessions/{sessionId}/end", operation_id = "endAgentSession", tag = "sessions",
    params(("sessionId" = AgentSessionId, Path, description = "The session")),
    responses((status = 200, description = "It is over", body = Session)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<AgentSessionId>,
) -> Result<Json<Session>> {
    let now = app.clock.now().trunc_subsecs(3);
    let end = async |tx: &mut TenantTx<'_>| session_end(tx, tenant.user_id, id, now).await;
    match app.pg.tenant("session.end", tenant.workspace_id, end).await? {
        Some(ended) => Ok(Json(Session::of(ended, now))),
        // It is over, or there is none.
        None => find(&app, &tenant, id).await.map(|row| Json(Session::of(row, now))),
    }
}
