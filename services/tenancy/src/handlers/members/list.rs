use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use witan_ids::{UserId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Page, Paging, Problem, Query, State, Tenant};

use crate::app::App;
use crate::domain::role::{MemberStatus, Role};
use crate::store::members::{MemberFilter, MemberView, member_list};

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

/// Somebody who belongs to a workspace.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member {
    user_id: UserId,
    #[schema(example = "ada@example.org")]
    email: Option<String>,
    #[schema(example = "Ada Lovelace")]
    name: Option<String>,
    role: Role,
    status: MemberStatus,
    joined_at: DateTime<Utc>,
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
    let filter = ("members", tenant.workspace_id, &query);
    let before: Option<UserId> = paging.position(&app.cursors, &filter)?;
    let search = query.search.clone().filter(|text| !text.trim().is_empty());
    let wanted = MemberFilter { search, role: query.role, status: query.status };
    let list = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        member_list(tx, &wanted, before, paging.rows()).await
    };
    let rows = app.pg.tenant_read("member.list", tenant.workspace_id, list).await?;
    let page = Page::of(rows, paging.limit(), |row| app.cursors.encode(&filter, &row.member.user_id));
    Ok(page.map(present))
}

fn present(view: MemberView) -> Member {
    Member {
        status: view.status(),
        user_id: view.member.user_id,
        email: view.email,
        name: view.name,
        role: Role::from_column(&view.member.role),
        joined_at: view.member.joined_at,
    }
}
