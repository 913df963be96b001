use witan_ids::RunId;
use witan_web::{Accepted, Path, Result, State, Tenant};

use super::show;
use super::view::Task;
use crate::app::App;
use crate::runs;

/// Stops a task. It ends as `CANCELLED`, at whatever stage it is: a task that waits at once, one that is worked on as soon as
/// its process hears of it. Every call to a model is given up, and what was used until then is counted.
#[utoipa::path(delete, path = "/api/v1/agents/tasks/{runId}", operation_id = "cancelTask", tag = "tasks",
    params(("runId" = RunId, Path, description = "The task")),
    responses((status = 202, description = "It will stop, or has stopped", body = Task),
        (status = 409, description = "It has ended.")))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant, Path(id): Path<RunId>) -> Result<Accepted<Task>> {
    runs::cancel(&app, tenant.workspace_id, id).await?;
    let body = show::find(&app, tenant.workspace_id, id).await?;
    Ok(Accepted { location: None, body })
}
