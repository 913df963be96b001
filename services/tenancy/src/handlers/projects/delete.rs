use witan_ids::ProjectId;
use witan_pg::{PgError, TenantTx};
use witan_web::{HttpRequest, NoContent, Path, Problem, State, Tenant};

use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::events;
use crate::store::projects::project_delete;

/// Deletes a project. What it grouped stays, and belongs to none.
#[utoipa::path(delete, path = "/api/v1/projects/{projectId}", operation_id = "deleteProject", tag = "projects",
    params(("projectId" = ProjectId, Path, description = "The project")),
    responses((status = 204, description = "Deleted")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    tenant: Tenant,
    Path(id): Path<ProjectId>,
) -> Result<NoContent, Problem> {
    let by = Author::of(&request, tenant.user_id);
    let delete = async |tx: &mut TenantTx<'_>| -> Result<(), PgError> {
        if !project_delete(tx, id, app.clock.now()).await? {
            return Err(PgError::NotFound);
        }
        events::project_deleted(tx, &app.clock, id).await?;
        audit::record(tx, &app.clock, &by, Entry::new("PROJECT_DELETED", id)).await
    };
    app.pg.tenant("project.delete", tenant.workspace_id, delete).await?;
    Ok(NoContent)
}
