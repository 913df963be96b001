use witan_ids::{RunId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Path, Problem, Result, State, Tenant};

use super::view::Task;
use crate::app::App;
use crate::handlers::runs::show::shown;
use crate::store::run_events::run_event_last;

/// Shows how far a task is.
#[utoipa::path(get, path = "/api/v1/agents/tasks/{runId}", operation_id = "getTask", tag = "tasks",
    params(("runId" = RunId, Path, description = "The task")),
    responses((status = 200, description = "The task", body = Task)))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant, Path(id): Path<RunId>) -> Result<Json<Task>> {
    find(&app, tenant.workspace_id, id).await.map(Json)
}

/// A task of the workspace.
pub(crate) async fn find(app: &App, workspace: WorkspaceId, id: RunId) -> Result<Task> {
    let find = async |tx: &mut TenantTx<'_>| -> std::result::Result<_, PgError> {
        let Some(run) = shown(tx, id).await? else { return Ok(None) };
        Ok(Some(Task::of(id, run, run_event_last(tx, id).await?)))
    };
    app.pg.tenant_read("task.show", workspace, find).await?.ok_or_else(Problem::not_found)
}
