use serde::Deserialize;
use utoipa::IntoParams;
use witan_clients::StartupProfile;
use witan_ids::{StartupId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Path, Problem, Query, State};

use crate::app::App;
use crate::store::startups::{StartupRow, startup_find};

/// Whose start-up.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WorkspaceQuery {
    /// The workspace that the asking service has already let the caller into.
    workspace_id: WorkspaceId,
}

/// A start-up's profile, for the council.
#[utoipa::path(get, path = "/internal/startups/{startupId}", operation_id = "findStartup", tag = "internal",
    params(("startupId" = StartupId, Path, description = "The start-up"), WorkspaceQuery),
    responses((status = 200, description = "Its profile")))]
pub(crate) async fn handle(
    app: State<App>,
    Path(id): Path<StartupId>,
    Query(query): Query<WorkspaceQuery>,
) -> Result<Json<StartupProfile>, Problem> {
    let find = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { startup_find(tx, id).await };
    let row = app.pg.tenant_read("startup.profile", query.workspace_id, find).await?;
    row.map(|row| Json(profile(row))).ok_or_else(Problem::not_found)
}

fn profile(row: StartupRow) -> StartupProfile {
    StartupProfile {
        id: row.id,
        name: row.name,
        description: row.description,
        industry: row.industry,
        stage: row.stage,
        country: row.country,
        team_size: row.team_size,
        website: row.website,
    }
}
