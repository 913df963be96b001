use witan_ids::WorkspaceId;
use witan_pg::{PgError, SystemTx};
use witan_web::{Caller, Page, Paging, Problem, State};

use super::view::Workspace;
use crate::app::App;
use crate::store::workspaces::{see_as, workspace_list_own};

/// Lists the workspaces that the caller is an active member of, newest first.
#[utoipa::path(get, path = "/api/v1/workspaces", operation_id = "listWorkspaces", tag = "workspaces",
    params(Paging), responses((status = 200, description = "The caller's workspaces", body = Page<Workspace>)))]
pub(crate) async fn handle(
    app: State<App>,
    caller: Caller,
    paging: Paging,
) -> Result<Page<Workspace>, Problem> {
    let user = caller.user_id;
    let filter = ("workspaces", user);
    let before: Option<WorkspaceId> = paging.position(&app.cursors, &filter)?;
    let list = async |tx: &mut SystemTx<'_>| -> Result<_, PgError> {
        see_as(tx, user).await?;
        workspace_list_own(tx, user, before, paging.rows()).await
    };
    let rows = app.pg.tx("workspace.list", list).await?;
    let page = Page::of(rows, paging.limit(), |(row, _)| app.cursors.encode(&filter, &row.workspace_id));
    Ok(page.map(|(row, member)| Workspace::of(row, &member.role().to_string())))
}
