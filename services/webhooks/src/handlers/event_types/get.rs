use witan_web::{Json, Path, Problem};

use super::view::EventType;
use crate::catalogue;

/// One event that can be subscribed to, with the schema of its body and an example.
#[utoipa::path(get, path = "/api/v1/webhooks/event-types/{name}", operation_id = "getWebhookEventType",
    tag = "webhooks", params(("name" = String, Path, description = "Its name, such as `startup.created`")),
    responses((status = 200, description = "The type", body = EventType)))]
pub(crate) async fn handle(Path(name): Path<String>) -> Result<Json<EventType>, Problem> {
    let known = catalogue::public().find(|known| known.name == name);
    known.map(|known| Json(known.into())).ok_or_else(Problem::not_found)
}
