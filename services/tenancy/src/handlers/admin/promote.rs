use witan_ids::UserId;
use witan_web::{Caller, HttpRequest, Json, Path, Problem, State, Tenant};

use crate::actor::Actor;
use crate::app::App;
use crate::changes::{Wish, change};
use crate::domain::role::Role;
use crate::handlers::members::view::{Member, MemberPath};

/// Makes a member an ADMIN.
#[utoipa::path(post, path = "/api/v1/admin/users/{userId}/promote", operation_id = "promoteWorkspaceUser", tag = "admin",
    params(("userId" = UserId, Path)),
    responses((status = 200, description = "As they are now", body = Member),
        (status = 403, description = "`tenancy.rights_exceeded`: a role allows more than the caller's own.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Path(member): Path<MemberPath>,
) -> Result<Json<Member>, Problem> {
    let actor = Actor::of(&request, &caller, &tenant);
    let changed = change(&app, &actor, member.user_id, Wish::Role(Role::Admin)).await?;
    Ok(Json(changed.into()))
}
