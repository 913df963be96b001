use witan_web::{Json, Page};

use super::view::EventType;
use crate::catalogue;

/// Every event that can be subscribed to, with the schema of its body and an example.
#[utoipa::path(get, path = "/api/v1/webhooks/event-types", operation_id = "listWebhookEventTypes", tag = "webhooks",
    responses((status = 200, description = "All of them", body = Page<EventType>)))]
pub(crate) async fn handle() -> Json<Page<EventType>> {
    Json(Page::whole(catalogue::public().map(EventType::from).collect()))
}
