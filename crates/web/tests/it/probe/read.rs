use serde_json::{Value, json};
use witan_web::{Json, Tenant};

#[utoipa::path(get, path = "/api/v1/read", operation_id = "read", tag = "probe", responses((status = 200)))]
pub(crate) async fn handle(tenant: Tenant) -> Json<Value> {
    Json(json!({ "workspaceId": tenant.workspace_id, "role": tenant.role() }))
}
