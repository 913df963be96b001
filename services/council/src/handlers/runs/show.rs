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
    let find = async |tx: &mut TenantTx<'_>| -> std::result::Result<_, PgError> {
        let Some(run) = run_find(tx, id).await? else { return Ok(None) };
        Ok(Some((run, member_list(tx, id).await?, review_list(tx, id).await?)))
    };
    let rows = app.pg.tenant_read("run.show", workspace, find).await?;
    let (run, members, reviews) = rows.ok_or_else(Problem::not_found)?;
    Ok(Run::of(run, members, reviews))
}
