use serde::Deserialize;
use utoipa::IntoParams;
use witan_clients::ProjectSummary;
use witan_ids::{ProjectId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Path, Problem, Query, State};

use crate::app::App;
use crate::store::projects::project_find;

/// Whose project.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProjectOf {
    /// The workspace that the asking service has already let the caller into.
    workspace_id: WorkspaceId,
}

/// A project, for the services whose things it groups.
#[utoipa::path(get, path = "/internal/projects/{projectId}", operation_id = "findProject", tag = "internal",
    params(("projectId" = ProjectId, Path, description = "The project"), ProjectOf),
    responses((status = 200, description = "The project")))]
pub(crate) async fn handle(
    app: State<App>,
    Path(id): Path<ProjectId>,
    Query(query): Query<ProjectOf>,
) -> Result<Json<ProjectSummary>, Problem> {
    let find = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { project_find(tx, id).await };
    let row = app.pg.tenant_read("project.find", query.workspace_id, find).await?;
    let row = row.ok_or_else(Problem::not_found)?;
    Ok(Json(ProjectSummary { id: row.id, name: row.name, archived: row.archived_at.is_some() }))
}
