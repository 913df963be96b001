use chrono::SubsecRound;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_pg::{PgError, TenantTx};
use witan_web::{Body, Caller, HttpRequest, Json, Problem, State, Tenant, Violations, codes};

use super::view::Workspace;
use crate::app::App;
use crate::audit::{self, Author};
use crate::domain::name::Name;
use crate::events;
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
    /// Whether its members must have shown a second factor to do anything in it. Who asks for that must have shown one.
    #[schema(nullable = false)]
    require_second_factor: Option<bool>,
}

/// Changes a workspace.
#[utoipa::path(patch, path = "/api/v1/workspaces/{workspaceId}", operation_id = "updateWorkspace", tag = "workspaces",
    params(("workspaceId" = witan_ids::WorkspaceId, Path, description = "The workspace")),
    request_body = UpdateWorkspace, responses((status = 200, description = "As it is now", body = Workspace)))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Body(wish): Body<UpdateWorkspace>,
) -> Result<Json<Workspace>, Problem> {
    let mut violations = Violations::new();
    let name = wish.name.map(|name| violations.parse("/name", Name::parse(&name, 100)));
    violations.finish()?;
    // Otherwise an administrator could shut themselves out, and everybody with them.
    if wish.require_second_factor == Some(true) && !caller.has_second_factor() {
        return Err(Problem::new(&codes::SECOND_FACTOR_REQUIRED));
    }
    let changes = WorkspaceChanges {
        name: name.flatten().map(|name| name.as_str().to_owned()),
        time_zone: wish.time_zone,
        locale: wish.locale,
        updated_at: Some(app.clock.now().trunc_subsecs(3)),
        require_second_factor: wish.require_second_factor,
    };
    let by = Author::of(&request, caller.user_id);
    let update = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        let row = workspace_update(tx, &changes).await?;
        events::workspace_updated(tx, &app.clock, &row).await?;
        if wish.require_second_factor.is_some() {
            audit::second_factor_rule_changed(tx, &app.clock, &row, &by).await?;
        }
        Ok(row)
    };
    let row = app.pg.tenant("workspace.update", tenant.workspace_id, update).await?;
    Ok(Json(Workspace::of(row, tenant.role())))
}
