use serde_json::{Value, json};
use witan_web::Json;

#[utoipa::path(get, path = "/api/v1/hello", operation_id = "hello", tag = "probe", responses((status = 200)))]
pub(crate) async fn handle() -> Json<Value> {
    Json(json!({ "hello": "world" }))
}
