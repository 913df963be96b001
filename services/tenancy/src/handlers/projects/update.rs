use chrono::SubsecRound;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::ProjectId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, HttpRequest, Json, Path, Problem, State, Tenant, Violations};

use super::view::Project;
use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::domain::name::Name;
use crate::events;
use crate::handlers::patch::present;
use crate::store::projects::{ProjectChanges, project_update};

/// What changes (RFC 7396): what is missing stays, and `null` takes away.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdateProject {
    #[schema(min_length = 1, max_length = 120, nullable = false)]
    name: Option<String>,
    /// What it is about.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 4000)]
    description: Option<Option<String>>,
    /// `true` takes it out of the list, `false` puts it back. What it groups stays in it.
    #[schema(nullable = false)]
    archived: Option<bool>,
}

/// Changes a project.
#[utoipa::path(patch, path = "/api/v1/projects/{projectId}", operation_id = "updateProject", tag = "projects",
    params(("projectId" = ProjectId, Path, description = "The project")),
    request_body = UpdateProject, responses((status = 200, description = "As it is now", body = Project)))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    tenant: Tenant,
    Path(id): Path<ProjectId>,
    Body(wish): Body<UpdateProject>,
) -> Result<Json<Project>, Problem> {
    let mut violations = Violations::new();
    let name = wish.name.and_then(|name| violations.parse("/name", Name::parse(&name, 120)));
    violations.finish()?;
    let now = app.clock.now().trunc_subsecs(3);
    let changes = ProjectChanges {
        name: name.map(|name| name.as_str().to_owned()),
        description: wish.description,
        archived_at: wish.archived.map(|archived| archived.then_some(now)),
        updated_at: Some(now),
    };
    let by = Author::of(&request, tenant.user_id);
    let update = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        let row = project_update(tx, id, &changes).await?.ok_or(PgError::NotFound)?;
        events::project_updated(tx, &app.clock, &row).await?;
        audit::record(tx, &app.clock, &by, Entry::new("PROJECT_UPDATED", id)).await?;
        Ok(row)
    };
    let row = app.pg.tenant("project.update", tenant.workspace_id, update).await?;
    Ok(Json(Project::from(row)))
}
