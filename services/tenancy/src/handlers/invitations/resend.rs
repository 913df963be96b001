use witan_ids::{InvitationId, WorkspaceId};
use witan_pg::TenantTx;
use witan_web::{Caller, HttpRequest, Json, Path, Problem, State, Tenant};

use super::show::InvitationPath;
use super::view::Invitation;
use crate::actor::Actor;
use crate::app::App;
use crate::inviting::resend;

/// Mails an invitation again, with a new link; the one before stops working, and its time begins anew.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspaceId}/invitations/{invitationId}/resend",
    operation_id = "resendInvitation", tag = "invitations",
    params(("workspaceId" = WorkspaceId, Path, description = "The workspace"),
        ("invitationId" = InvitationId, Path, description = "The invitation")),
    responses((status = 200, description = "Mailed again", body = Invitation),
        (status = 403, description = "The permission is missing, or the role allows more than the caller may do."),
        (status = 409, description = "It was accepted, declined or revoked, or too many invitations wait."),
        (status = 410, description = "Another invitation took its place."),
        (status = 429, description = "It was mailed a moment ago.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Path(path): Path<InvitationPath>,
) -> Result<Json<Invitation>, Problem> {
    let (id, actor) = (path.invitation_id, Actor::of(&request, &caller, &tenant));
    let mail = async |tx: &mut TenantTx<'_>| -> Result<_, Problem> { resend(tx, &app, &actor, id).await };
    let row = app.pg.tenant("invitation.resend", tenant.workspace_id, mail).await?;
    Ok(Json(Invitation::of(row, app.clock.now())))
}
