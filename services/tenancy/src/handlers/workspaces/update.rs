use chrono::SubsecRound;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Json, Problem, State, Tenant, Violations};

use super::view::Workspace;
use crate::app::App;
use crate::domain::name::Name;
use crate::store::workspaces::{WorkspaceChanges, workspace_update};

/// What to change (RFC 7396); what is missing stays, and nothing of it can be taken away.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdateWorkspace {
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    name: Option<String>,
    /// IANA name.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9_+/-]+$", nullable = false)]
    time_zone: Option<String>,
    /// BCP 47.
    #[schema(min_length = 2, max_length = 35, pattern = "^[A-Za-z0-9-]+$", nullable = false)]
    locale: Option<String>,
}

/// Changes a workspace.
#[utoipa::path(patch, path = "/api/v1/workspaces/{workspaceId}", operation_id = "updateWorkspace", tag = "workspaces",
    params(("workspaceId" = witan_ids::WorkspaceId, Path, description = "The workspace")),
    request_body = UpdateWorkspace, responses((status = 200, description = "As it is now", body = Workspace)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Body(wish): Body<UpdateWorkspace>,
) -> Result<Json<Workspace>, Problem> {
    let mut violations = Violations::new();
    let name = wish.name.map(|name| violations.parse("/name", Name::parse(&name, 100)));
    violations.finish()?;
    let changes = WorkspaceChanges {
        name: name.flatten().map(|name| name.as_str().to_owned()),
        time_zone: wish.time_zone,
        locale: wish.locale,
        updated_at: Some(app.clock.now().trunc_subsecs(3)),
    };
    let update = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { workspace_update(tx, &changes).await };
    let row = app.pg.tenant("workspace.update", tenant.workspace_id, update).await?;
    Ok(Json(Workspace::of(row, tenant.role())))
}
