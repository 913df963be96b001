use witan_ids::{RoleId, WorkspaceId};
use witan_pg::TenantTx;
use witan_web::{Caller, HttpRequest, NoContent, Path, Problem, State, Tenant};

use super::view::RolePath;
use crate::actor::Actor;
use crate::app::App;
use crate::audit::{self, Entry};
use crate::events;
use crate::own_roles::{RoleError, begin, check_reach};
use crate::store::roles::{role_delete, role_find};

/// Deletes a role that nobody has.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspaceId}/roles/{roleId}", operation_id = "deleteRole",
    tag = "roles", params(("workspaceId" = WorkspaceId, Path), ("roleId" = RoleId, Path)),
    responses((status = 204, description = "Deleted"),
        (status = 403, description = "`tenancy.rights_exceeded`: it allows more than the caller's own role."),
        (status = 409, description = "`tenancy.role_in_use`: somebody has it.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Path(role): Path<RolePath>,
) -> Result<NoContent, Problem> {
    let actor = Actor::of(&request, &caller, &tenant);
    let delete = async |tx: &mut TenantTx<'_>| -> Result<(), RoleError> {
        let own = begin(tx, &actor).await?;
        let row = role_find(tx, role.role_id).await?.ok_or(RoleError::Unknown)?;
        check_reach(&own, &row)?;
        role_delete(tx, row.id).await?;
        events::role_deleted(tx, &app.clock, &row).await?;
        let entry = Entry::new("ROLE_DELETED", row.id);
        Ok(audit::record(tx, &app.clock, &actor.author, entry).await?)
    };
    app.pg.tenant("role.delete", tenant.workspace_id, delete).await?;
    Ok(NoContent)
}
