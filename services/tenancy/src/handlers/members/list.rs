use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Page, Paging, Problem, Query, State, Tenant};

use super::view::Member;
use crate::app::App;
use crate::domain::role::Role;
use crate::domain::status::MemberStatus;
use crate::store::member_list::{MemberFilter, member_list};

/// Which members to list. What is unknown is refused by the table of parameters, which also knows those of the paging.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct MemberQuery {
    /// A part of the name or of the address.
    #[param(max_length = 100)]
    search: Option<String>,
    /// Only those with this role.
    role: Option<Role>,
    /// Only those with this status.
    status: Option<MemberStatus>,
}

/// Lists who belongs to a workspace, newest accounts first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspaceId}/members", operation_id = "listMembers", tag = "members",
    params(("workspaceId" = WorkspaceId, Path, description = "The workspace"), MemberQuery, Paging),
    responses((status = 200, description = "Members", body = Page<Member>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Query(query): Query<MemberQuery>,
    paging: Paging,
) -> Result<Page<Member>, Problem> {
    page(&app, "members", &tenant, &query, &paging).await
}

/// A page of the list that is called so.
pub(crate) async fn page(
    app: &App,
    list: &'static str,
    tenant: &Tenant,
    query: &MemberQuery,
    paging: &Paging,
) -> Result<Page<Member>, Problem> {
    let filter = (list, tenant.workspace_id, query);
    let before: Option<UserId> = paging.position(&app.cursors, &filter)?;
    let search = query.search.clone().filter(|text| !text.trim().is_empty());
    let wanted = MemberFilter { search, role: query.role, status: query.status };
    let list = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        member_list(tx, &wanted, before, paging.rows()).await
    };
    let rows = app.pg.tenant_read("member.list", tenant.workspace_id, list).await?;
    let page = Page::of(rows, paging.limit(), |row| app.cursors.encode(&filter, &row.member.user_id));
    Ok(page.map(Member::from))
}
