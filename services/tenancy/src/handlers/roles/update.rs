use chrono::SubsecRound;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::{RoleId, WorkspaceId};
use witan_pg::TenantTx;
use witan_web::{Body, Caller, HttpRequest, Json, Path, Problem, State, Tenant, Violations};

use super::view::{OwnRole, RolePath};
use crate::actor::Actor;
use crate::app::App;
use crate::audit::{self, Entry};
use crate::events;
use crate::own_roles::{RoleError, begin, check_name, check_reach, name, permissions};
use crate::store::roles::{RoleRow, role_find, role_save};

/// What to change (RFC 7396); what is missing stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdateRole {
    #[schema(min_length = 1, max_length = 60, nullable = false)]
    name: Option<String>,
    /// Empty for none.
    #[schema(max_length = 500, nullable = false)]
    description: Option<String>,
    /// All of what its members may do from now on.
    #[schema(min_items = 1, max_items = 100, nullable = false)]
    permissions: Option<Vec<String>>,
}

/// The same, checked.
struct Changes {
    name: Option<(String, String)>,
    description: Option<String>,
    permissions: Option<Vec<String>>,
}

/// Changes a role; its members may do what it says from the same moment on.
#[utoipa::path(patch, path = "/api/v1/workspaces/{workspaceId}/roles/{roleId}", operation_id = "updateRole",
    tag = "roles", params(("workspaceId" = WorkspaceId, Path), ("roleId" = RoleId, Path)), request_body = UpdateRole,
    responses((status = 200, description = "As it is now", body = OwnRole),
        (status = 403, description = "`tenancy.rights_exceeded`: it allows, or would allow, more than the caller's own role."),
        (status = 409, description = "`tenancy.role_name_taken`")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Path(role): Path<RolePath>,
    Body(wish): Body<UpdateRole>,
) -> Result<Json<OwnRole>, Problem> {
    let changes = parse(wish)?;
    let actor = Actor::of(&request, &caller, &tenant);
    let update = async |tx: &mut TenantTx<'_>| -> Result<RoleRow, RoleError> {
        let own = begin(tx, &actor).await?;
        let before = role_find(tx, role.role_id).await?.ok_or(RoleError::Unknown)?;
        check_reach(&own, &before)?;
        let mut after = changes.of(&before);
        if after == before {
            return Ok(before);
        }
        check_reach(&own, &after)?;
        check_name(&after)?;
        after.updated_at = app.clock.now().trunc_subsecs(3);
        role_save(tx, &after).await?;
        events::role_updated(tx, &app.clock, &after).await?;
        let entry = Entry::new("ROLE_CHANGED", after.id)
            .detail("permissions", before.permissions.join(" "))
            .detail("newPermissions", after.permissions.join(" "));
        audit::record(tx, &app.clock, &actor.author, entry).await?;
        Ok(after)
    };
    let row = app.pg.tenant("role.update", tenant.workspace_id, update).await?;
    app.memberships.invalidate_workspace(tenant.workspace_id);
    Ok(Json(row.into()))
}

fn parse(wish: UpdateRole) -> Result<Changes, Problem> {
    let mut violations = Violations::new();
    let name = wish.name.and_then(|text| violations.parse("/name", name(&text)));
    let permissions = wish.permissions.and_then(|names| permissions(&mut violations, &names));
    violations.finish()?;
    Ok(Changes { name, description: wish.description, permissions })
}

impl Changes {
    fn of(&self, before: &RoleRow) -> RoleRow {
        let mut after = before.clone();
        if let Some((name, key)) = &self.name {
            (after.name, after.name_key) = (name.clone(), key.clone());
        }
        if let Some(description) = &self.description {
            after.description = Some(description.clone()).filter(|text| !text.is_empty());
        }
        if let Some(permissions) = &self.permissions {
            after.permissions.clone_from(permissions);
        }
        after
    }
}
