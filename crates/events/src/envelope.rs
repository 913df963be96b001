use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use witan_ids::{EventId, WorkspaceId};
use witan_telemetry::TraceContext;

use crate::Event;

/// An event as it travels: CloudEvents' attributes and the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    /// Which event it is; a repetition has the same.
    pub id: EventId,
    /// The service that published it.
    pub source: String,
    /// What happened, such as `user.verified`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// The aggregate that it happened to, as the text of its id.
    pub subject: String,
    /// The tenant, unless it is the system's.
    pub workspace_id: Option<WorkspaceId>,
    /// The number of the event among those of its subject and source, from 1 on, without gaps.
    pub sequence: i64,
    /// The place in the trace that it was sent from; for a handler, where it is handled.
    pub trace: TraceContext,
    /// The message in canonical JSON.
    pub data: serde_json::Value,
}

impl Envelope {
    /// The data as message `E`.
    ///
    /// # Errors
    /// [`DecodeError`] when it is an event of another type or its data is malformed.
    pub fn decode<E: Event>(&self) -> Result<E, DecodeError> {
        if self.event_type != E::TYPE {
            return Err(DecodeError::Type { expected: E::TYPE, found: self.event_type.clone() });
        }
        Ok(E::deserialize(&self.data)?)
    }
}

impl Envelope {
    /// The event that a message from the exchange is.
    ///
    /// # Errors
    /// [`DecodeError`] when an attribute is missing or the body is no JSON.
    pub fn from_delivery(delivery: &lapin::message::Delivery) -> Result<Self, DecodeError> {
        crate::wire::decode(&delivery.properties, &delivery.data)
    }

    /// The message that it travels as: properties with its attributes, and its data.
    pub fn to_message(&self) -> (lapin::BasicProperties, Vec<u8>) {
        (crate::wire::properties(self, &self.trace), self.data.to_string().into_bytes())
    }
}

/// Why an event cannot be read; it never will.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// It is of another type.
    #[error("expected an event of type {expected}, not {found}")]
    Type {
        /// The type that was asked for.
        expected: &'static str,
        /// The type that it has.
        found: String,
    },
    /// Its data does not fit its type.
    #[error("the data does not fit the event's type: {0}")]
    Data(#[from] serde_json::Error),
    /// A header is missing or wrong.
    #[error("header {0} is missing or malformed")]
    Header(&'static str),
}
