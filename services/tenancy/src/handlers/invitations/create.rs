use chrono::TimeDelta;
use serde::Deserialize;
use utoipa::ToSchema;
use witan_email::EmailAddress;
use witan_ids::WorkspaceId;
use witan_pg::TenantTx;
use witan_web::{Body, Caller, Created, HttpRequest, Problem, State, Tenant, Violations};

use super::view::Invitation;
use crate::actor::Actor;
use crate::app::App;
use crate::domain::role::Role;
use crate::inviting::{Wish, invite};

/// Whom to invite.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateInvitation {
    #[schema(min_length = 3, max_length = 254, example = "ada@example.org")]
    email: String,
    /// What they are to become. Nobody gives more than they have.
    role: Role,
    /// For how many days it can be accepted; seven where missing and nothing else is set.
    #[schema(minimum = 1, maximum = 90)]
    expires_in_days: Option<i64>,
}

/// Invites somebody by mail.
///
/// The answer is the same whether or not the address has an account.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspaceId}/invitations", operation_id = "createInvitation",
    tag = "invitations", params(("workspaceId" = WorkspaceId, Path, description = "The workspace")),
    request_body = CreateInvitation, responses(
        (status = 201, description = "Invited", body = Invitation),
        (status = 403, description = "The permission is missing, or the role allows more than the caller may do."),
        (status = 409, description = "They belong to the workspace or are invited already, or too many invitations wait."),
        (status = 429, description = "The workspace sent too many today.")))]
pub(crate) async fn handle(
    app: State<App>,
    request: HttpRequest,
    caller: Caller,
    tenant: Tenant,
    Body(wish): Body<CreateInvitation>,
) -> Result<Created<Invitation>, Problem> {
    let mut violations = Violations::new();
    let email = violations.parse("/email", EmailAddress::parse(&wish.email));
    let email = violations.build(|| email)?;
    let ttl = wish.expires_in_days.map_or(app.config.invitations.ttl, TimeDelta::days);
    let wish = Wish { email, role: wish.role, ttl, by: caller.user_id };
    let actor = Actor::of(&request, &caller, &tenant);
    let make = async |tx: &mut TenantTx<'_>| -> Result<_, Problem> { invite(tx, &app, &actor, &wish).await };
    let row = app.pg.tenant("invitation.create", tenant.workspace_id, make).await?;
    let location = format!("/api/v1/workspaces/{}/invitations/{}", row.workspace_id, row.id);
    Ok(Created { location, body: Invitation::of(row, app.clock.now()) })
}
