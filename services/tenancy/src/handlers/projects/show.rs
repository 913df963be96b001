use witan_ids::ProjectId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Path, Problem, State, Tenant};

use super::view::Project;
use crate::app::App;
use crate::store::projects::project_find;

/// Shows a project.
#[utoipa::path(get, path = "/api/v1/projects/{projectId}", operation_id = "getProject", tag = "projects",
    params(("projectId" = ProjectId, Path, description = "The project")),
    responses((status = 200, description = "The project", body = Project)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<ProjectId>,
) -> Result<Json<Project>, Problem> {
    let find = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { project_find(tx, id).await };
    let row = app.pg.tenant_read("project.show", tenant.workspace_id, find).await?;
    row.map(|row| Json(Project::from(row))).ok_or_else(Problem::not_found)
}
