use bytes::Bytes;
use serde_json::json;

use super::SseEvent;
use crate::{Problem, codes};

/// Seen by proxies and clients: a client whose watch hears nothing for longer may connect again.
const HEARTBEAT: Bytes = Bytes::from_static(b"event: heartbeat\ndata: {}\n\n");
/// Seen by proxies only.
const COMMENT: Bytes = Bytes::from_static(b": alive\n\n");
/// For whoever was cut off and may go on.
const AGAIN: &str = "Connect again with Last-Event-ID.";

/// Whose protocol the events of a stream are.
#[derive(Debug, Clone, Copy, Default)]
pub enum Dialect {
    /// Ours.
    #[default]
    Own,
    /// Somebody else's, with what stands for a fault in it. Nothing but its own events has data.
    Foreign(fn(&Problem) -> SseEvent),
}

impl Dialect {
    pub(super) fn heartbeat(self) -> Bytes {
        match self {
            Self::Own => HEARTBEAT,
            Self::Foreign(_) => COMMENT,
        }
    }

    /// The last event of a stream that failed.
    pub(super) fn fault(self, problem: &Problem) -> SseEvent {
        match self {
            Self::Own => SseEvent::error(problem),
            Self::Foreign(fault) => fault(problem).ending(),
        }
    }

    /// The last event of a connection that was held for long enough.
    pub(super) fn timeout(self) -> SseEvent {
        match self {
            Self::Own => SseEvent::timeout(&json!({ "detail": AGAIN })),
            Self::Foreign(_) => self.fault(&Problem::new(&codes::STREAM_INTERRUPTED).detail(AGAIN)),
        }
    }
}
