use witan_pg::SystemTx;
use witan_web::{Body, Caller, HttpRequest, Json, Problem, State};

use super::view::{InvitationToken, JoinedWorkspace};
use crate::accepting::{Proof, accept};
use crate::app::App;
use crate::audit::Author;

/// Accepts the invitation of a mail: whoever is logged in and holds its secret becomes a member.
#[utoipa::path(post, path = "/api/v1/invitations/accept", operation_id = "acceptInvitation", tag = "invitations",
    request_body = InvitationToken, responses(
        (status = 200, description = "The caller is a member, now or before", body = JoinedWorkspace),
        (status = 403, description = "The caller was deactivated in the workspace."),
        (status = 409, description = "It was accepted, declined or revoked, or the caller is a member by another way."),
        (status = 410, description = "Its time is over."),
        (status = 422, description = "The secret is unknown, or a newer mail took its place.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    Body(shown): Body<InvitationToken>,
) -> Result<Json<JoinedWorkspace>, Problem> {
    accept_by(&app, &request, &caller, &Proof::secret(&shown.token)).await
}

/// Accepts, whatever the proof.
pub(super) async fn accept_by(
    app: &App,
    request: &HttpRequest,
    caller: &Caller,
    proof: &Proof,
) -> Result<Json<JoinedWorkspace>, Problem> {
    let (user, by) = (caller.user_id, Author::of(request, caller.user_id));
    let join =
        async |tx: &mut SystemTx<'_>| -> Result<_, Problem> { accept(tx, app, proof, user, &by).await };
    let (workspace, row) = app.pg.tx("invitation.accept", join).await?;
    app.memberships.invalidate_user(user);
    Ok(Json(JoinedWorkspace::of(workspace, row.role())))
}
