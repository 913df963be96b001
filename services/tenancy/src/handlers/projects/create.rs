use chrono::SubsecRound;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::ProjectId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Created, HttpRequest, Problem, State, Tenant, Violations};

use super::view::Project;
use crate::app::App;
use crate::audit::{self, Author, Entry};
use crate::domain::name::Name;
use crate::events;
use crate::store::projects::{ProjectRow, project_insert};

/// A project to make.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateProject {
    #[schema(min_length = 1, max_length = 120, example = "Series A")]
    name: String,
    /// What it is about.
    #[schema(max_length = 4000)]
    description: Option<String>,
}

/// Makes a project.
#[utoipa::path(post, path = "/api/v1/projects", operation_id = "createProject", tag = "projects",
    request_body = CreateProject, responses((status = 201, description = "Made", body = Project)))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    tenant: Tenant,
    Body(wish): Body<CreateProject>,
) -> Result<Created<Project>, Problem> {
    let mut violations = Violations::new();
    let name = violations.parse("/name", Name::parse(&wish.name, 120));
    let name = violations.build(|| name)?;
    let now = app.clock.now().trunc_subsecs(3);
    let row = ProjectRow {
        workspace_id: tenant.workspace_id,
        id: ProjectId::generate(&app.clock),
        name: name.as_str().to_owned(),
        description: wish.description,
        archived_at: None,
        created_by: tenant.user_id,
        created_at: now,
        updated_at: now,
    };
    let by = Author::of(&request, tenant.user_id);
    let insert = async |tx: &mut TenantTx<'_>| -> Result<(), PgError> {
        project_insert(tx, &row).await?;
        events::project_created(tx, &app.clock, &row).await?;
        audit::record(tx, &app.clock, &by, Entry::new("PROJECT_CREATED", row.id)).await
    };
    app.pg.tenant("project.create", tenant.workspace_id, insert).await?;
    Ok(Created { location: format!("/api/v1/projects/{}", row.id), body: Project::from(row) })
}
