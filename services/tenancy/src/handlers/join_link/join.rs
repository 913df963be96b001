use witan_pg::SystemTx;
use witan_web::{Body, Caller, HttpRequest, Json, Problem, State};

use super::view::JoinToken;
use crate::app::App;
use crate::audit::Author;
use crate::handlers::invitations::view::JoinedWorkspace;
use crate::linking::{ROLE, follow};

/// Joins a workspace by its link.
#[utoipa::path(post, path = "/api/v1/join", operation_id = "joinByLink", tag = "join", request_body = JoinToken,
    responses((status = 200, description = "The caller is a member", body = JoinedWorkspace),
        (status = 403, description = "`tenancy.member_inactive`: the caller was deactivated there."),
        (status = 409, description = "`tenancy.member_exists`, `tenancy.join_link_used_up`"),
        (status = 410, description = "Its time is over."),
        (status = 422, description = "The secret is unknown.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    Body(shown): Body<JoinToken>,
) -> Result<Json<JoinedWorkspace>, Problem> {
    let (user, by) = (caller.user_id, Author::of(&request, caller.user_id));
    let join = async |tx: &mut SystemTx<'_>| -> Result<_, Problem> {
        follow(tx, &app, &shown.token, user, &by).await
    };
    let workspace = app.pg.tx("join_link.follow", join).await?;
    app.memberships.invalidate_user(user);
    Ok(Json(JoinedWorkspace::of(workspace, ROLE)))
}
