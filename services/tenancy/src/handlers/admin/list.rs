use witan_web::{Page, Paging, Problem, Query, State, Tenant};

use crate::app::App;
use crate::handlers::members::list::{MemberQuery, page};
use crate::handlers::members::view::Member;

/// Lists who belongs to the caller's workspace, newest accounts first.
#[utoipa::path(get, path = "/api/v1/admin/users", operation_id = "listWorkspaceUsers", tag = "admin",
    params(MemberQuery, Paging), responses((status = 200, description = "Members", body = Page<Member>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Query(query): Query<MemberQuery>,
    paging: Paging,
) -> Result<Page<Member>, Problem> {
    page(&app, "admin.users", &tenant, &query, &paging).await
}
