//! An answer's log as server-sent events.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tracing::Instrument as _;
use witan_web::{HttpRequest, HttpResponse, Problem, Responder, Sse, SseEvent, codes};

use crate::app::App;
use crate::domain::position::Position;
use crate::generation::follow::Follower;
use crate::store::stream_events::StreamEventRow;

const QUEUE: usize = 32;
/// A connection is held this long; the answer goes on without it.
const LONGEST: Duration = Duration::from_secs(300);

/// The stream that a follower reads, in a task of its own: a slow or vanished client holds up nobody.
pub(crate) fn response(app: &App, follower: Follower, request: &HttpRequest) -> HttpResponse {
    let (events, received) = mpsc::channel(QUEUE);
    let work = async move {
        let told = tokio::time::timeout(LONGEST, Box::pin(tell(follower, &events))).await;
        if told.is_err() {
            let hint = json!({ "detail": "Connect again with Last-Event-ID." });
            let _ = events.send(SseEvent::timeout(&hint)).await;
        }
    };
    app.lifecycle.spawn("chat.follow", work.instrument(tracing::Span::current()));
    Sse::response(received).respond_to(request).map_into_boxed_body()
}

async fn tell(mut follower: Follower, events: &mpsc::Sender<SseEvent>) {
    loop {
        let next = tokio::select! {
            next = follower.next() => next,
            () = events.closed() => return,
        };
        let event = match next {
            Ok(Some(row)) => event(&row),
            Ok(None) => return,
            Err(error) => SseEvent::error(&Problem::from(error)),
        };
        let last = event.is_last();
        if events.send(event).await.is_err() || last {
            return;
        }
    }
}

fn event(row: &StreamEventRow) -> SseEvent {
    let position = Position { stream: Some(row.stream_id), seq: row.seq };
    SseEvent::new(row.event.clone(), &row.data).id(position.to_string())
}

/// The problem that an `error` event of the log stands for.
pub(crate) fn problem(data: &Value) -> Problem {
    let named = data["code"].as_str().unwrap_or_default();
    let code = codes::all().find(|code| code.code == named).unwrap_or(&codes::chat::PERSONA_FAILED);
    let problem = Problem::new(code);
    match data["retryAfterMs"].as_u64() {
        Some(millis) => problem.retry_after(Duration::from_millis(millis)),
        None => problem,
    }
}
