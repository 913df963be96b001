//! Server-sent events (HTML Living Standard section 9.2).
//!
//! The handler gives the receiving end of a bounded channel; whoever fills it is slowed down by a slow client and learns
//! that the client is gone when sending fails. The stream says something at once and whenever it was quiet for a
//! while, so that no proxy takes it for dead and no client waits in vain. Its last event is always `done`, `error` or `timeout`: when the sender
//! goes away without one, or the service is drained, the stream says so itself.

mod dialect;
mod event;
mod follow;
mod live;
mod stream;

use std::convert::Infallible;
use std::time::Duration;

use actix_web::body::{BodyStream, BoxBody};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use futures_util::StreamExt;
use tokio::sync::mpsc;
use witan_lifecycle::CancellationToken;

pub use self::dialect::Dialect;
pub use self::event::SseEvent;
pub use self::follow::{Entry, Follower, Log};
pub use self::live::{Listed, Live, LiveLogs};
use crate::edge::Edge;

const HEARTBEAT: Duration = Duration::from_secs(15);

/// A stream of events as an answer.
#[derive(Debug)]
pub struct Sse {
    events: mpsc::Receiver<SseEvent>,
    dialect: Dialect,
}

impl Sse {
    /// The answer that sends what comes out of `events`.
    pub fn response(events: mpsc::Receiver<SseEvent>) -> Self {
        Self { events, dialect: Dialect::default() }
    }

    /// The same for clients of somebody else's protocol.
    pub fn speaking(events: mpsc::Receiver<SseEvent>, dialect: Dialect) -> Self {
        Self { events, dialect }
    }

    /// A channel for this many events, and the answer that sends what is put into it.
    pub fn channel(capacity: usize) -> (mpsc::Sender<SseEvent>, Self) {
        let (sender, events) = mpsc::channel(capacity);
        (sender, Self::response(events))
    }
}

impl Responder for Sse {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let edge = request.app_data::<web::Data<Edge>>();
        let heartbeat = edge.map_or(HEARTBEAT, |edge| edge.0.sse_heartbeat);
        let draining = edge.map_or_else(CancellationToken::new, |edge| edge.0.lifecycle.draining());
        let chunks = stream::chunks(self.events, self.dialect, heartbeat, draining).map(Ok::<_, Infallible>);
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, HeaderValue::from_static("text/event-stream")))
            .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform")))
            .insert_header((HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")))
            .body(BodyStream::new(Box::pin(chunks)))
    }
}
