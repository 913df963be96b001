use witan_ids::InvitationId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, Page, Paging, Problem, State};

use super::view::OwnInvitation;
use crate::app::App;
use crate::store::bind::see_for_address;
use crate::store::invited::{invited_list, person_address};
use crate::store::workspaces::see_as;

/// Lists the invitations for the caller's own, proved address that can be accepted, newest first.
#[utoipa::path(get, path = "/api/v1/invitations", operation_id = "listOwnInvitations", tag = "invitations",
    params(Paging), responses((status = 200, description = "The caller's invitations", body = Page<OwnInvitation>)))]
pub(crate) async fn handle(
    app: State<App>,
    caller: Caller,
    paging: Paging,
) -> Result<Page<OwnInvitation>, Problem> {
    let (user, now) = (caller.user_id, app.clock.now());
    let filter = ("own-invitations", user);
    let before: Option<InvitationId> = paging.position(&app.cursors, &filter)?;
    let list = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        see_as(tx, user).await?;
        let Some(key) = person_address(tx, user).await? else { return Ok(Vec::new()) };
        see_for_address(tx, &key).await?;
        invited_list(tx, &key, now, before, paging.rows()).await
    };
    let rows = app.pg.tx("invitation.list_own", list).await?;
    let page = Page::of(rows, paging.limit(), |(row, _)| app.cursors.encode(&filter, &row.id));
    Ok(page.map(|(row, name)| OwnInvitation::of(row, name)))
}
