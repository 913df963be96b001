use serde_json::{Value, json};
use witan_ids::WorkspaceId;
use witan_web::{Json, Path, Tenant};

#[utoipa::path(
    post,
    path = "/api/v1/workspaces/{workspaceId}/manage",
    operation_id = "manage",
    tag = "probe",
    params(("workspaceId" = WorkspaceId, Path)),
    responses((status = 200))
)]
pub(crate) async fn handle(Path(path): Path<WorkspaceId>, tenant: Tenant) -> Json<Value> {
    assert_eq!(path, tenant.workspace_id);
    Json(json!({ "workspaceId": tenant.workspace_id }))
}
