use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::{DomainId, WorkspaceId};
use witan_pg::TenantTx;
use witan_web::{Body, Caller, HttpRequest, Json, Path, Problem, State, Tenant};

use super::view::{Domain, DomainPath};
use crate::actor::Actor;
use crate::app::App;
use crate::claiming::set_joining;

/// What to change (RFC 7396).
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdateDomain {
    /// Whether who has a proved address of the domain may join as a MEMBER.
    joining: bool,
}

/// Decides whether people may join by a domain.
#[utoipa::path(patch, path = "/api/v1/workspaces/{workspaceId}/domains/{domainId}", operation_id = "updateDomain",
    tag = "domains", params(("workspaceId" = WorkspaceId, Path), ("domainId" = DomainId, Path)),
    request_body = UpdateDomain, responses((status = 200, description = "As it is now", body = Domain),
        (status = 403, description = "`tenancy.rights_exceeded`: a MEMBER may more than the caller."),
        (status = 422, description = "`tenancy.domain_unproved`: it has to be proved first.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Path(path): Path<DomainPath>,
    Body(wish): Body<UpdateDomain>,
) -> Result<Json<Domain>, Problem> {
    let (id, actor) = (path.domain_id, Actor::of(&request, &caller, &tenant));
    let set = async |tx: &mut TenantTx<'_>| -> Result<_, Problem> {
        set_joining(tx, &app, &actor, id, wish.joining).await
    };
    Ok(Json(Domain::of(app.pg.tenant("domain.update", tenant.workspace_id, set).await?)))
}
