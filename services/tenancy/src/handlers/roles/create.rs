use chrono::SubsecRound;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::{RoleId, WorkspaceId};
use witan_pg::TenantTx;
use witan_web::{Body, Caller, Created, HttpRequest, Problem, State, Tenant, Violations};

use super::view::OwnRole;
use crate::actor::Actor;
use crate::app::App;
use crate::audit::{self, Entry};
use crate::events;
use crate::own_roles::{MAX_ROLES, RoleError, begin, check_name, check_reach, name, permissions};
use crate::store::roles::{RoleRow, role_count, role_insert};

/// A role to make.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateRole {
    /// No other role of the workspace is called so, whatever the case.
    #[schema(min_length = 1, max_length = 60, example = "Editor")]
    name: String,
    #[schema(max_length = 500)]
    description: Option<String>,
    /// What its members may do, no more than the caller; see `listPermissions`.
    #[schema(min_items = 1, max_items = 100, example = json!(["startups:read", "startups:write"]))]
    permissions: Vec<String>,
}

/// Makes a role.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspaceId}/roles", operation_id = "createRole", tag = "roles",
    params(("workspaceId" = WorkspaceId, Path)), request_body = CreateRole,
    responses((status = 201, description = "Made", body = OwnRole),
        (status = 403, description = "`tenancy.rights_exceeded`: it allows more than the caller's own role."),
        (status = 409, description = "`tenancy.role_name_taken`, or `tenancy.role_limit`: there are 50.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Body(wish): Body<CreateRole>,
) -> Result<Created<OwnRole>, Problem> {
    let row = parse(&app, &tenant, wish)?;
    let actor = Actor::of(&request, &caller, &tenant);
    let create = async |tx: &mut TenantTx<'_>| -> Result<(), RoleError> {
        let own = begin(tx, &actor).await?;
        check_reach(&own, &row)?;
        check_name(&row)?;
        if role_count(tx).await? >= MAX_ROLES {
            return Err(RoleError::Limit);
        }
        role_insert(tx, &row).await?;
        events::role_created(tx, &app.clock, &row).await?;
        let entry = Entry::new("ROLE_CREATED", row.id).detail("permissions", row.permissions.join(" "));
        Ok(audit::record(tx, &app.clock, &actor.author, entry).await?)
    };
    app.pg.tenant("role.create", tenant.workspace_id, create).await?;
    let location = format!("/api/v1/workspaces/{}/roles/{}", tenant.workspace_id, row.id);
    Ok(Created { location, body: row.into() })
}

fn parse(app: &App, tenant: &Tenant, wish: CreateRole) -> Result<RoleRow, Problem> {
    let mut violations = Violations::new();
    let name = violations.parse("/name", name(&wish.name));
    let permissions = permissions(&mut violations, &wish.permissions);
    let ((name, name_key), permissions) = violations.build(|| name.zip(permissions))?;
    let now = app.clock.now().trunc_subsecs(3);
    Ok(RoleRow {
        workspace_id: tenant.workspace_id,
        id: RoleId::generate(&app.clock),
        name,
        name_key,
        description: wish.description,
        permissions,
        created_at: now,
        updated_at: now,
    })
}
