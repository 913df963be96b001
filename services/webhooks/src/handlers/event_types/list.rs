use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use witan_web::{Json, Page};

use crate::catalogue;

/// One type of event.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookEventType)]
pub(crate) struct EventType {
    /// What an endpoint's `events` names.
    #[schema(example = "startup.created")]
    name: &'static str,
    /// Its contract in `proto/`.
    #[schema(example = "witan.tenancy.v1.StartupCreated")]
    contract: &'static str,
    /// `data` as it may look.
    #[schema(value_type = Object)]
    example: Value,
}

/// Every event that can be subscribed to, with an example.
#[utoipa::path(get, path = "/api/v1/webhooks/event-types", operation_id = "listWebhookEventTypes", tag = "webhooks",
    responses((status = 200, description = "All of them", body = Page<EventType>)))]
pub(crate) async fn handle() -> Json<Page<EventType>> {
    let types = catalogue::public().map(|known| EventType {
        name: known.name,
        contract: known.message,
        example: known.example(),
    });
    Json(Page::whole(types.collect()))
}
