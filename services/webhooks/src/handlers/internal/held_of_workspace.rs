use witan_ids::WorkspaceId;
use witan_web::{HttpResponse, Path, Problem, State, workspace_disclosed};

use crate::app::App;
use crate::disclosure::workspace::WorkspaceDisclosure;

/// All that is held of a workspace here, a line each: for its export.
#[utoipa::path(get, path = "/internal/workspaces/{workspaceId}/held", operation_id = "listHeldOfWorkspace",
    tag = "internal", params(("workspaceId" = WorkspaceId, Path, description = "The workspace")),
    responses((status = 200, description = "What is held of it", body = Vec<u8>,
        content_type = "application/x-ndjson")))]
pub(crate) async fn handle(
    app: State<App>,
    Path(workspace): Path<WorkspaceId>,
) -> Result<HttpResponse, Problem> {
    workspace_disclosed(WorkspaceDisclosure(app.get_ref().clone()), workspace).await
}
