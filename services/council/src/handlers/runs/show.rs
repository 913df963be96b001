use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Path, Problem, Result, State, Tenant};

use super::view::Run;
use crate::app::App;
use crate::store::members::member_list;
use crate::store::reviews::review_list;
use crate::store::runs::run_find;

/// Shows a run with all that is known of it.
#[utoipa::path(get, path = "/api/v1/agents/runs/{runId}", operation_id = "getRun", tag = "runs",
    params(("runId" = RunId, Path, description = "The run")),
    responses((status = 200, description = "The run", body = Run)))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant, Path(id): Path<RunId>) -> Result<Json<Run>> {
    find(&app, tenant.workspace_id, id).await.map(Json)
}

/// A run of the workspace.
pub(crate) async fn find(app: &App, workspace: WorkspaceId, id: RunId) -> Result<Run> {
    let find = async |tx: &mut TenantTx<'_>| shown(tx, id).await;
    app.pg.tenant_read("run.show", workspace, find).await?.ok_or_else(Problem::not_found)
}

/// A run as it is shown.
pub(crate) async fn shown(tx: &mut TenantTx<'_>, id: RunId) -> std::result::Result<Option<Run>, PgError> {
    let Some(run) = run_find(tx, id).await? else { return Ok(None) };
    Ok(Some(Run::of(run, member_list(tx, id).await?, review_list(tx, id).await?)))
}
