use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::catalogue;

/// One type of event.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookEventType)]
pub(crate) struct EventType {
    /// What an endpoint's `events` names.
    #[schema(example = "startup.created")]
    name: &'static str,
    /// What it tells.
    description: String,
    /// Its contract in `proto/`.
    #[schema(example = "witan.tenancy.v1.StartupCreated")]
    contract: &'static str,
    /// JSON Schema (2020-12) of the whole body. Members may be added in time.
    #[schema(value_type = Object)]
    schema: Value,
    /// A whole body as it may look.
    #[schema(value_type = Object)]
    example: Value,
}

impl From<&'static witan_events::EventType> for EventType {
    fn from(known: &'static witan_events::EventType) -> Self {
        Self {
            name: known.name,
            description: catalogue::description(known),
            contract: known.message,
            schema: catalogue::schema(known),
            example: catalogue::example(known),
        }
    }
}
