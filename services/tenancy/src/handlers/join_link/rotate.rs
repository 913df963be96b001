use witan_ids::WorkspaceId;
use witan_pg::TenantTx;
use witan_web::{Caller, HttpRequest, Json, Problem, State, Tenant};

use super::view::JoinLink;
use crate::actor::Actor;
use crate::app::App;
use crate::linking::rotate;

/// Gives a workspace's link another secret; the one before stops working, and uses are counted anew.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspaceId}/join-link/rotate", operation_id = "rotateJoinLink",
    tag = "join", params(("workspaceId" = WorkspaceId, Path)),
    responses((status = 200, description = "The link with its new secret", body = JoinLink),
        (status = 403, description = "`tenancy.rights_exceeded`: a MEMBER may more than the caller."),
        (status = 404, description = "The workspace has none.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
) -> Result<Json<JoinLink>, Problem> {
    let actor = Actor::of(&request, &caller, &tenant);
    let work = async |tx: &mut TenantTx<'_>| -> Result<_, Problem> { rotate(tx, &app, &actor).await };
    let (row, secret) = app.pg.tenant("join_link.rotate", tenant.workspace_id, work).await?;
    Ok(Json(JoinLink::of(row, Some(&secret))))
}
