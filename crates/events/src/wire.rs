//! An event as an AMQP message: CloudEvents in binary mode, attributes as headers and the data as the body.

use chrono::SecondsFormat;
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use witan_telemetry::TraceContext;
use witan_telemetry::propagation::extract_amqp;

use crate::topology::text;
use crate::{DecodeError, Envelope};

const PERSISTENT: u8 = 2;
const PREFIX: &str = "cloudEvents_";

/// The properties of an event's message, sent from `trace`.
pub(crate) fn properties(event: &Envelope, trace: &TraceContext) -> BasicProperties {
    let id = event.id.to_string();
    let mut headers = FieldTable::default();
    let mut set = |name: &str, value: &str| {
        headers.insert(ShortString::from(format!("{PREFIX}{name}")), text(value));
    };
    set("specversion", "1.0");
    set("id", &id);
    set("source", &event.source);
    set("type", &event.event_type);
    set("subject", &event.subject);
    set("time", &event.time.to_rfc3339_opts(SecondsFormat::Micros, true));
    set("sequence", &event.sequence.to_string());
    if let Some(workspace) = event.workspace_id {
        set("workspaceid", &workspace.to_string());
    }
    trace.inject_amqp(&mut headers);
    BasicProperties::default()
        .with_content_type("application/json".into())
        .with_delivery_mode(PERSISTENT)
        .with_message_id(id.into())
        .with_headers(headers)
}

/// The event that a message is.
pub(crate) fn decode(properties: &BasicProperties, body: &[u8]) -> Result<Envelope, DecodeError> {
    let none = FieldTable::default();
    let headers = properties.headers().as_ref().unwrap_or(&none);
    let get = |name: &'static str| attribute(headers, name).ok_or(DecodeError::Header(name));
    fn parse<T: std::str::FromStr>(name: &'static str, value: String) -> Result<T, DecodeError> {
        value.parse().map_err(|_| DecodeError::Header(name))
    }
    let workspace_id = attribute(headers, "workspaceid").map(|id| parse("workspaceid", id)).transpose()?;
    Ok(Envelope {
        id: parse("id", get("id")?)?,
        source: get("source")?,
        event_type: get("type")?,
        time: parse("time", get("time")?)?,
        subject: get("subject")?,
        workspace_id,
        sequence: parse("sequence", get("sequence")?)?,
        trace: extract_amqp(headers),
        data: serde_json::from_slice(body)?,
    })
}

fn attribute(headers: &FieldTable, name: &str) -> Option<String> {
    string(headers, &format!("{PREFIX}{name}"))
}

/// A header that is a text.
pub(crate) fn string(headers: &FieldTable, name: &str) -> Option<String> {
    match headers.inner().get(name)? {
        AMQPValue::LongString(value) => Some(String::from_utf8_lossy(value.as_bytes()).into_owned()),
        AMQPValue::ShortString(value) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use witan_clock::Clock;
    use witan_ids::{EventId, WorkspaceId};

    #[test]
    fn what_is_sent_is_what_arrives() {
        let clock = Clock::system();
        let trace = TraceContext {
            traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
            tracestate: None,
        };
        let event = Envelope {
            id: EventId::generate(&clock),
            source: "auth".to_owned(),
            event_type: "user.verified".to_owned(),
            time: clock.now(),
            subject: "usr_1".to_owned(),
            workspace_id: Some(WorkspaceId::generate(&clock)),
            sequence: 7,
            trace: trace.clone(),
            data: serde_json::json!({ "userId": "usr_1" }),
        };
        let body = event.data.to_string();
        let properties = properties(&event, &trace);
        assert_eq!(decode(&properties, body.as_bytes()).unwrap(), event);
        assert!(matches!(decode(&properties, b"{"), Err(DecodeError::Data(_))));
        assert!(matches!(
            decode(&BasicProperties::default(), b"{}"),
            Err(DecodeError::Header("workspaceid" | "id"))
        ));
    }
}
