use serde_json::{Value, json};
use witan_web::Json;

#[utoipa::path(post, path = "/api/v1/things/fixed", operation_id = "fixedThing", tag = "probe", responses((status = 200)))]
pub(crate) async fn handle() -> Json<Value> {
    Json(json!({ "id": "fixed" }))
}
