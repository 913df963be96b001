use serde_json::{Value, json};
use witan_web::{Json, ServiceCaller};

#[utoipa::path(get, path = "/internal/inside", operation_id = "inside", tag = "probe", responses((status = 200)))]
pub(crate) async fn handle(ServiceCaller(caller): ServiceCaller) -> Json<Value> {
    Json(json!({ "caller": caller }))
}
