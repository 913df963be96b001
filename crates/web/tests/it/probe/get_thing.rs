use serde_json::{Value, json};
use witan_ids::StartupId;
use witan_web::{Json, Path};

#[utoipa::path(
    get,
    path = "/api/v1/things/{thingId}",
    operation_id = "getThing",
    tag = "probe",
    params(("thingId" = StartupId, Path)),
    responses((status = 200))
)]
pub(crate) async fn handle(Path(id): Path<StartupId>) -> Json<Value> {
    Json(json!({ "id": id }))
}
