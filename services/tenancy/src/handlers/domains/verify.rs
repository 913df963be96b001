use witan_ids::{DomainId, WorkspaceId};
use witan_web::{Caller, HttpRequest, Json, Path, Problem, State, Tenant};

use super::view::{Domain, DomainPath};
use crate::actor::Actor;
use crate::app::App;
use crate::claiming::verify;

/// Looks for the TXT record, and makes the domain the workspace's if it is there.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspaceId}/domains/{domainId}/verify", operation_id = "verifyDomain",
    tag = "domains", params(("workspaceId" = WorkspaceId, Path), ("domainId" = DomainId, Path)),
    responses((status = 200, description = "Proved, now or before", body = Domain),
        (status = 409, description = "`tenancy.domain_taken`: another workspace has proved it."),
        (status = 422, description = "`tenancy.domain_unproved`: the record is not there, or says something else."),
        (status = 503, description = "The DNS does not answer.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Path(path): Path<DomainPath>,
) -> Result<Json<Domain>, Problem> {
    let actor = Actor::of(&request, &caller, &tenant);
    Ok(Json(Domain::of(Box::pin(verify(&app, &actor, path.domain_id)).await?)))
}
