use serde::Deserialize;
use utoipa::ToSchema;
use witan_email::EmailAddress;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, SystemTx};
use witan_web::{Body, Caller, Created, HttpRequest, Problem, State, Tenant, Violations, codes};

use super::view::Member;
use crate::actor::Actor;
use crate::app::App;
use crate::changes::add;
use crate::domain::role::Role;
use crate::store::people::{Whom, fellow_find};

/// Who is to belong to the workspace: somebody of another workspace of the caller's, by their id or by their address, and
/// not both.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AddMember {
    #[schema(nullable = false)]
    user_id: Option<UserId>,
    #[schema(max_length = 254, nullable = false, example = "grace@example.org")]
    email: Option<String>,
    /// `MEMBER` where missing; one that allows no more than the caller's own.
    #[schema(nullable = false)]
    role: Option<Role>,
}

/// Adds somebody with whom the caller shares another workspace. Others are invited: whether they have an account is not
/// told.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspaceId}/members", operation_id = "addMember", tag = "members",
    params(("workspaceId" = WorkspaceId, Path)), request_body = AddMember,
    responses((status = 201, description = "Added", body = Member),
        (status = 403, description = "`tenancy.rights_exceeded`: the role allows more than the caller's own."),
        (status = 404, description = "`tenancy.person_unknown`: the caller shares no workspace with anybody of this id or address; invite them."),
        (status = 409, description = "`tenancy.member_exists`")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Body(wish): Body<AddMember>,
) -> Result<Created<Member>, Problem> {
    let role = wish.role.unwrap_or(Role::Member);
    let whom = whom(wish)?;
    let find =
        async |tx: &mut SystemTx<'_>| -> Result<_, PgError> { fellow_find(tx, tenant.user_id, &whom).await };
    let user = app.pg.tx("person.find", find).await?;
    let user = user.ok_or_else(|| Problem::new(&codes::tenancy::PERSON_UNKNOWN))?;
    let added = add(&app, &Actor::of(&request, &caller, &tenant), user, role).await?;
    let location = format!("/api/v1/workspaces/{}/members/{user}", tenant.workspace_id);
    Ok(Created { location, body: added.into() })
}

fn whom(wish: AddMember) -> Result<Whom, Problem> {
    let mut violations = Violations::new();
    let whom = match (wish.user_id, wish.email) {
        (Some(user), None) => Some(Whom::User(user)),
        (None, Some(email)) => {
            let address = violations.parse("/email", EmailAddress::parse(&email));
            address.map(|address| Whom::Email(address.key().to_owned()))
        }
        _ => {
            violations.push("", "validation.invalid", "either userId or email is needed");
            None
        }
    };
    violations.build(|| whom)
}
