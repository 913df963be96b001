//! An answer's log as server-sent events.

use std::time::Duration;

use serde_json::Value;
use witan_web::sse::{Dialect, Follower};
use witan_web::{HttpRequest, HttpResponse, Problem, SseEvent, codes};

use crate::app::App;
use crate::domain::position::Position;
use crate::generation::follow::AnswerLog;
use crate::store::stream_events::StreamEventRow;

/// The stream that a follower reads.
pub(crate) fn response(app: &App, follower: Follower<AnswerLog>, request: &HttpRequest) -> HttpResponse {
    follower.respond(&app.lifecycle, request, Dialect::Own, |row| vec![event(row)])
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
