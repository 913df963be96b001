use serde_json::{Value, json};
use witan_web::{Caller, Json};

#[utoipa::path(get, path = "/api/v1/me", operation_id = "me", tag = "probe", responses((status = 200)))]
pub(crate) async fn handle(caller: Caller) -> Json<Value> {
    Json(json!({ "id": caller.user_id }))
}
