use witan_ids::{InvitationId, WorkspaceId};
use witan_pg::TenantTx;
use witan_web::{Caller, HttpRequest, NoContent, Path, Problem, State, Tenant};

use super::show::InvitationPath;
use crate::actor::Actor;
use crate::app::App;
use crate::inviting::revoke;

/// Takes an invitation back.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspaceId}/invitations/{invitationId}",
    operation_id = "revokeInvitation", tag = "invitations",
    params(("workspaceId" = WorkspaceId, Path, description = "The workspace"),
        ("invitationId" = InvitationId, Path, description = "The invitation")),
    responses((status = 204, description = "Nobody can accept it, now or before"),
        (status = 409, description = "It was accepted or declined already."),
        (status = 410, description = "Another invitation took its place.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Path(path): Path<InvitationPath>,
) -> Result<NoContent, Problem> {
    let (id, actor) = (path.invitation_id, Actor::of(&request, &caller, &tenant));
    let take_back =
        async |tx: &mut TenantTx<'_>| -> Result<_, Problem> { revoke(tx, &app, &actor, id).await };
    app.pg.tenant("invitation.revoke", tenant.workspace_id, take_back).await?;
    Ok(NoContent)
}
