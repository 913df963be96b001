use serde::Deserialize;
use utoipa::IntoParams;
use witan_ids::{AgentSessionId, ProjectId};
use witan_pg::TenantTx;
use witan_web::{Page, Paging, Query, Result, State, Tenant};

use super::view::Session;
use crate::app::App;
use crate::domain::session::SessionState;
use crate::store::sessions::{SessionFilter, session_list};

/// Which sessions to list.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct SessionsQuery {
    /// In this state only.
    #[param(inline)]
    state: Option<SessionState>,
    /// Of this project only.
    project_id: Option<ProjectId>,
}

/// Lists one's sessions, newest first.
#[utoipa::path(get, path = "/api/v1/sessions", operation_id = "listAgentSessions", tag = "sessions",
    params(SessionsQuery, Paging), responses((status = 200, description = "Sessions", body = Page<Session>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Query(query): Query<SessionsQuery>,
    paging: Paging,
) -> Result<Page<Session>> {
    let SessionsQuery { state, project_id } = query;
    let bound = ("sessions", tenant.workspace_id, tenant.user_id, state, project_id);
    let before: Option<AgentSessionId> = paging.position(&app.cursors, &bound)?;
    let (filter, now) = (SessionFilter { state, project_id }, app.clock.now());
    let list = async |tx: &mut TenantTx<'_>| {
        session_list(tx, tenant.user_id, &filter, now, before, paging.rows()).await
    };
    let rows = app.pg.tenant_read("session.list", tenant.workspace_id, list).await?;
    let page = Page::of(rows, paging.limit(), |row| app.cursors.encode(&bound, &row.id));
    Ok(page.map(|row| Session::of(row, now)))
}
