use witan_ids::InvitationId;
use witan_web::{Caller, HttpRequest, Json, Path, Problem, State};

use super::accept::accept_by;
use super::view::JoinedWorkspace;
use crate::accepting::Proof;
use crate::app::App;

/// Accepts an invitation for the caller's own, proved address.
#[utoipa::path(post, path = "/api/v1/invitations/{invitationId}/accept", operation_id = "acceptOwnInvitation",
    tag = "invitations", params(("invitationId" = InvitationId, Path, description = "The invitation")),
    responses((status = 200, description = "The caller is a member, now or before", body = JoinedWorkspace),
        (status = 403, description = "The caller was deactivated in the workspace."),
        (status = 404, description = "There is none, or it is for another address."),
        (status = 409, description = "It was accepted, declined or revoked, or the caller is a member by another way."),
        (status = 410, description = "Its time is over.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    Path(id): Path<InvitationId>,
) -> Result<Json<JoinedWorkspace>, Problem> {
    accept_by(&app, &request, &caller, &Proof::Address(caller.user_id, id)).await
}
