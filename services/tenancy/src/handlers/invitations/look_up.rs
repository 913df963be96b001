use witan_pg::SystemTx;
use witan_web::{Body, Json, Problem, State};

use super::view::{InvitationToken, OwnInvitation};
use crate::accepting::{Proof, find};
use crate::app::App;
use crate::domain::invitation::InvitationStatus;
use crate::inviting::settled;
use crate::store::workspaces::workspace_find;

/// Shows an invitation to who holds the secret of its mail, before they log in.
#[utoipa::path(post, path = "/api/v1/invitations/look-up", operation_id = "lookUpInvitation", tag = "invitations",
    request_body = InvitationToken, responses((status = 200, description = "The invitation", body = OwnInvitation),
        (status = 409, description = "It was accepted, declined or revoked already."),
        (status = 410, description = "Its time is over."),
        (status = 422, description = "The secret is unknown, or a newer mail took its place.")))]
pub(crate) async fn handle(
    app: State<App>,
    Body(shown): Body<InvitationToken>,
) -> Result<Json<OwnInvitation>, Problem> {
    let (proof, now) = (Proof::secret(&shown.token), app.clock.now());
    let look_up = async |tx: &mut SystemTx<'_>| -> Result<_, Problem> {
        let row = find(tx, &proof).await?;
        match row.status(now) {
            InvitationStatus::Pending => {}
            status => return Err(settled(status)),
        }
        let workspace = workspace_find(&mut tx.tenant(row.workspace_id)).await?;
        Ok((row, workspace.ok_or_else(Problem::not_found)?.name))
    };
    let (row, name) = app.pg.tx("invitation.look_up", look_up).await?;
    Ok(Json(OwnInvitation::of(row, name)))
}
