use witan_ids::InvitationId;
use witan_web::{Caller, HttpRequest, NoContent, Path, Problem, State};

use super::decline::decline_by;
use crate::accepting::Proof;
use crate::app::App;
use crate::audit::Author;

/// Declines an invitation for the caller's own, proved address.
#[utoipa::path(post, path = "/api/v1/invitations/{invitationId}/decline", operation_id = "declineOwnInvitation",
    tag = "invitations", params(("invitationId" = InvitationId, Path, description = "The invitation")),
    responses((status = 204, description = "Declined, now or before"),
        (status = 404, description = "There is none, or it is for another address."),
        (status = 409, description = "It was accepted or revoked already."),
        (status = 410, description = "Its time is over.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    Path(id): Path<InvitationId>,
) -> Result<NoContent, Problem> {
    let by = Author::of(&request, caller.user_id);
    decline_by(&app, &Proof::Address(caller.user_id, id), &by).await
}
