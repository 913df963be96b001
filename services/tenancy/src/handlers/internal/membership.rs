use serde::Deserialize;
use utoipa::IntoParams;
use witan_access::Membership;
use witan_ids::{UserId, WorkspaceId};
use witan_web::{Json, Problem, Query, State};

use crate::app::App;
use crate::memberships::OwnMemberships;

/// Whose place, and where.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MembershipQuery {
    /// The person.
    user_id: UserId,
    /// The workspace; the one they joined first where missing.
    workspace_id: Option<WorkspaceId>,
}

/// A person's place in a workspace, 404 where they have none.
#[utoipa::path(get, path = "/internal/memberships", operation_id = "findMembership", tag = "internal",
    params(MembershipQuery), responses((status = 200, description = "The membership")))]
pub(crate) async fn handle(
    app: State<App>,
    Query(query): Query<MembershipQuery>,
) -> Result<Json<Membership>, Problem> {
    let found = OwnMemberships(app.pg.clone()).lookup(query.user_id, query.workspace_id).await?;
    found.map(Json).ok_or_else(Problem::not_found)
}
