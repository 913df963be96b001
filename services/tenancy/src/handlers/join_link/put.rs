use chrono::{SubsecRound, TimeDelta};
use serde::Deserialize;
use utoipa::ToSchema;
use witan_ids::WorkspaceId;
use witan_pg::TenantTx;
use witan_web::{Body, Caller, HttpRequest, Json, Problem, State, Tenant};

use super::view::JoinLink;
use crate::actor::Actor;
use crate::app::App;
use crate::linking::set;

/// How the link is to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PutJoinLink {
    /// How many may join by it.
    #[schema(minimum = 1, maximum = 10000, example = 25)]
    max_uses: i32,
    /// For how many days from now on.
    #[schema(minimum = 1, maximum = 365, example = 14)]
    expires_in_days: i64,
}

/// Makes a workspace's link, or changes the limits of the one there is.
///
/// Who joins by it becomes a MEMBER. Its secret is shown when it is made, and never again.
#[utoipa::path(put, path = "/api/v1/workspaces/{workspaceId}/join-link", operation_id = "putJoinLink", tag = "join",
    params(("workspaceId" = WorkspaceId, Path)), request_body = PutJoinLink,
    responses((status = 200, description = "The link; with its secret, if it is new", body = JoinLink),
        (status = 403, description = "`tenancy.rights_exceeded`: a MEMBER may more than the caller.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Body(wish): Body<PutJoinLink>,
) -> Result<Json<JoinLink>, Problem> {
    let actor = Actor::of(&request, &caller, &tenant);
    let until = app.clock.now().trunc_subsecs(3) + TimeDelta::days(wish.expires_in_days);
    let limits = (wish.max_uses, until);
    let set = async |tx: &mut TenantTx<'_>| -> Result<_, Problem> {
        set(tx, &app, &actor, caller.user_id, limits).await
    };
    let (row, secret) = app.pg.tenant("join_link.set", tenant.workspace_id, set).await?;
    Ok(Json(JoinLink::of(row, secret.as_ref())))
}
