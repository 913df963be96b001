use witan_ids::{DomainId, WorkspaceId};
use witan_pg::TenantTx;
use witan_web::{Caller, HttpRequest, NoContent, Path, Problem, State, Tenant};

use super::view::DomainPath;
use crate::actor::Actor;
use crate::app::App;
use crate::claiming::remove;

/// Gives a domain up. Members who joined by it stay.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspaceId}/domains/{domainId}", operation_id = "deleteDomain",
    tag = "domains", params(("workspaceId" = WorkspaceId, Path), ("domainId" = DomainId, Path)),
    responses((status = 204, description = "It is free for others")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Path(path): Path<DomainPath>,
) -> Result<NoContent, Problem> {
    let (id, actor) = (path.domain_id, Actor::of(&request, &caller, &tenant));
    let give_up = async |tx: &mut TenantTx<'_>| -> Result<_, Problem> { remove(tx, &app, &actor, id).await };
    app.pg.tenant("domain.remove", tenant.workspace_id, give_up).await?;
    Ok(NoContent)
}
