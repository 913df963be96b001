use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::Value;

/// What a partner receives.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    id: &'a str,
    r#type: &'a str,
    timestamp: String,
    workspace_id: &'a str,
    data: &'a Value,
}

/// The bytes that are stored, signed and sent; made once, so that every attempt sends the same.
pub(crate) fn bytes(
    id: &str,
    event_type: &str,
    time: DateTime<Utc>,
    workspace: &str,
    data: &Value,
) -> Vec<u8> {
    let timestamp = time.to_rfc3339_opts(SecondsFormat::Millis, true);
    let body = Body { id, r#type: event_type, timestamp, workspace_id: workspace, data };
    serde_json::to_vec(&body).unwrap_or_default()
}
