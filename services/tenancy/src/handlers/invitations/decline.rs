use witan_pg::SystemTx;
use witan_web::{Body, HttpRequest, NoContent, Problem, State};

use super::view::InvitationToken;
use crate::accepting::{Proof, decline};
use crate::app::App;
use crate::audit::Author;

/// Declines the invitation of a mail. Its secret is enough: nobody needs an account to say no.
#[utoipa::path(post, path = "/api/v1/invitations/decline", operation_id = "declineInvitation", tag = "invitations",
    request_body = InvitationToken, responses(
        (status = 204, description = "Declined, now or before"),
        (status = 409, description = "It was accepted or revoked already."),
        (status = 410, description = "Its time is over."),
        (status = 422, description = "The secret is unknown, or a newer mail took its place.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    Body(shown): Body<InvitationToken>,
) -> Result<NoContent, Problem> {
    decline_by(&app, &Proof::secret(&shown.token), &Author::stranger(&request)).await
}

/// Declines, whatever the proof.
pub(super) async fn decline_by(app: &App, proof: &Proof, by: &Author) -> Result<NoContent, Problem> {
    let refuse = async |tx: &mut SystemTx<'_>| -> Result<_, Problem> { decline(tx, app, proof, by).await };
    app.pg.tx("invitation.decline", refuse).await?;
    Ok(NoContent)
}
