use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use witan_ids::{InvitationId, WorkspaceId};
use witan_pg::{PgError, TenantTx};
use witan_web::{Page, Paging, Problem, Query, State, Tenant};

use super::view::Invitation;
use crate::app::App;
use crate::domain::invitation::InvitationStatus;
use crate::store::invitations::invitation_list;

/// Which invitations to list.
#[derive(Deserialize, Serialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct InvitationQuery {
    /// Only those with this status.
    status: Option<InvitationStatus>,
}

/// Lists the invitations of a workspace, newest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspaceId}/invitations", operation_id = "listInvitations",
    tag = "invitations", params(("workspaceId" = WorkspaceId, Path, description = "The workspace"), InvitationQuery, Paging),
    responses((status = 200, description = "Invitations", body = Page<Invitation>)))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Query(query): Query<InvitationQuery>,
    paging: Paging,
) -> Result<Page<Invitation>, Problem> {
    let filter = ("invitations", tenant.workspace_id, &query);
    let before: Option<InvitationId> = paging.position(&app.cursors, &filter)?;
    let now = app.clock.now();
    let list = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        invitation_list(tx, query.status, now, before, paging.rows()).await
    };
    let rows = app.pg.tenant_read("invitation.list", tenant.workspace_id, list).await?;
    let page = Page::of(rows, paging.limit(), |row| app.cursors.encode(&filter, &row.id));
    Ok(page.map(|row| Invitation::of(row, now)))
}
