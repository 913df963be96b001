use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use witan_ids::ProjectId;
use witan_pg::{PgError, TenantTx};
use witan_web::{Page, Paging, Problem, Query, State, Tenant};

use super::view::Project;
use crate::app::App;
use crate::store::projects::{ProjectFilter, project_list};

/// Which projects to list.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct ProjectQuery {
    /// A part of the name, whatever the case.
    #[param(max_length = 100)]
    q: Option<String>,
    /// Archived ones instead of the others.
    archived: Option<bool>,
}

/// Lists the workspace's projects, newest first.
#[utoipa::path(get, path = "/api/v1/projects", operation_id = "listProjects", tag = "projects",
    params(ProjectQuery, Paging), responses((status = 200, description = "Projects", body = Page<Project>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Query(query): Query<ProjectQuery>,
    paging: Paging,
) -> Result<Page<Project>, Problem> {
    let bound = ("projects", tenant.workspace_id, &query);
    let before: Option<ProjectId> = paging.position(&app.cursors, &bound)?;
    let search = query.q.clone().filter(|text| !text.trim().is_empty());
    let filter = ProjectFilter { search, archived: query.archived.unwrap_or(false) };
    let list = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        project_list(tx, &filter, before, paging.rows()).await
    };
    let rows = app.pg.tenant_read("project.list", tenant.workspace_id, list).await?;
    let page = Page::of(rows, paging.limit(), |row| app.cursors.encode(&bound, &row.id));
    Ok(page.map(Project::from))
}
