use serde::Deserialize;
use witan_ids::{InvitationId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Json, Path, Problem, State, Tenant};

use super::view::Invitation;
use crate::app::App;
use crate::store::invitations::invitation_find;

/// The invitation of a path.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvitationPath {
    pub(super) invitation_id: InvitationId,
}

/// Shows an invitation.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspaceId}/invitations/{invitationId}", operation_id = "getInvitation",
    tag = "invitations", params(("workspaceId" = WorkspaceId, Path, description = "The workspace"),
        ("invitationId" = InvitationId, Path, description = "The invitation")),
    responses((status = 200, description = "The invitation", body = Invitation)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(path): Path<InvitationPath>,
) -> Result<Json<Invitation>, Problem> {
    let id = path.invitation_id;
    let find = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> { invitation_find(tx, id).await };
    let row = app.pg.tenant_read("invitation.show", tenant.workspace_id, find).await?;
    row.map(|row| Json(Invitation::of(row, app.clock.now()))).ok_or_else(Problem::not_found)
}
