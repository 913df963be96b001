//! A run as a UI message stream of the AI SDK (version 1), so that any front end that speaks it shows a council.
//!
//! The answer is the message's text as it is written; everything else comes as `data-council-*` parts. A stream that breaks
//! ends with `error` and without `[DONE]`.

use actix_web::http::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use witan_ids::{RunId, WorkspaceId};
use witan_web::sse::Dialect;
use witan_web::{HttpRequest, HttpResponse, Problem, SseEvent};

use crate::app::App;
use crate::domain::mode::Mode;
use crate::domain::state::RunState;
use crate::runs::follow::follow;
use crate::store::run_events::RunEventRow;

const VERSION: HeaderName = HeaderName::from_static("x-vercel-ai-ui-message-stream");

/// The whole stream of a run: this protocol begins anew where a client was cut off.
pub(crate) fn response(app: &App, workspace: WorkspaceId, id: RunId, request: &HttpRequest) -> HttpResponse {
    let log = follow(app, workspace, id, 0);
    let mut message = Message::default();
    let shown = move |row: &RunEventRow| message.parts(row);
    let mut response = log.respond(&app.lifecycle, request, Dialect::Foreign(fault), shown);
    response.headers_mut().insert(VERSION, HeaderValue::from_static("v1"));
    response
}

fn fault(problem: &Problem) -> SseEvent {
    failed(problem.code().code, problem.code().title)
}

fn failed(code: &str, title: &str) -> SseEvent {
    SseEvent::unnamed(&json!({ "type": "error", "errorText": format!("{title} ({code})") })).ending()
}

/// What was sent of a message.
#[derive(Debug, Default)]
struct Message {
    /// One model answers alone: its words are the message.
    alone: bool,
    /// Texts begun so far; each has its number as id.
    texts: u32,
    /// The text that is being written.
    open: Option<String>,
}

impl Message {
    fn parts(&mut self, row: &RunEventRow) -> Vec<SseEvent> {
        let mut parts = Vec::new();
        match row.event.as_str() {
            "run.started" => {
                self.alone = row.data["mode"] == Mode::Single.as_str();
                parts.push(json!({ "type": "start", "messageId": row.run_id }));
                parts.push(json!({ "type": "start-step" }));
                parts.push(data(row));
            }
            "chair.delta" => self.write(&row.data, &mut parts),
            "member.delta" if self.alone => self.write(&row.data, &mut parts),
            // Another one begins anew.
            "chair.started" | "run.resumed" => {
                self.close(&mut parts);
                parts.push(data(row));
            }
            "member.started" if self.alone => {
                self.close(&mut parts);
                parts.push(data(row));
            }
            "done" => return self.done(row),
            "error" => {
                let text = |name: &str| row.data[name].as_str().unwrap_or_default().to_owned();
                return vec![failed(&text("code"), &text("title"))];
            }
            _ => parts.push(data(row)),
        }
        parts.iter().map(SseEvent::unnamed).collect()
    }

    fn write(&mut self, data: &Value, parts: &mut Vec<Value>) {
        let delta = data["text"].as_str().unwrap_or_default();
        if self.open.is_none() {
            self.texts += 1;
            parts.push(json!({ "type": "text-start", "id": self.texts.to_string() }));
        }
        parts.push(json!({ "type": "text-delta", "id": self.texts.to_string(), "delta": delta }));
        self.open.get_or_insert_default().push_str(delta);
    }

    fn close(&mut self, parts: &mut Vec<Value>) {
        if self.open.take().is_some() {
            parts.push(json!({ "type": "text-end", "id": self.texts.to_string() }));
        }
    }

    fn done(&mut self, row: &RunEventRow) -> Vec<SseEvent> {
        let mut parts = Vec::new();
        if self.texts == 0 && self.open.is_none() && row.seq == 1 {
            // Of a run of long ago nothing but its end is known.
            parts.push(json!({ "type": "start", "messageId": row.run_id }));
            parts.push(json!({ "type": "start-step" }));
        }
        if row.data["state"] == RunState::Cancelled.as_str() {
            parts.push(json!({ "type": "abort" }));
        } else {
            let answer = row.data["answer"].as_str().unwrap_or_default();
            // What no chair wrote was not seen yet.
            if self.open.as_deref().map(str::trim) != Some(answer) {
                self.close(&mut parts);
                self.write(&json!({ "text": answer }), &mut parts);
            }
            self.close(&mut parts);
            parts.push(json!({ "type": "data-council-run", "data": row.data }));
            parts.push(json!({ "type": "finish-step" }));
            parts.push(json!({ "type": "finish" }));
        }
        let parts = parts.iter().map(SseEvent::unnamed);
        parts.chain([SseEvent::text("[DONE]").ending()]).collect()
    }
}

/// What is shown beside the text. Words of members are shown as they come and not kept with the message.
fn data(row: &RunEventRow) -> Value {
    let kind = format!("data-council-{}", row.event.replace('.', "-"));
    if row.event.ends_with(".delta") {
        return json!({ "type": kind, "data": row.data, "transient": true });
    }
    json!({ "type": kind, "id": row.seq.to_string(), "data": row.data })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn row(seq: i32, event: &str, data: Value) -> RunEventRow {
        let (workspace_id, run_id) = (WorkspaceId::from_uuid(Uuid::nil()), RunId::from_uuid(Uuid::nil()));
        RunEventRow {
            workspace_id,
            run_id,
            seq,
            event: event.to_owned(),
            data,
            created_at: DateTime::default(),
        }
    }

    fn types(rows: &[RunEventRow]) -> Vec<String> {
        let mut message = Message::default();
        let events = rows.iter().flat_map(|row| message.parts(row));
        let kind = |event: SseEvent| match serde_json::from_str::<Value>(event.data()) {
            Ok(part) => part["type"].as_str().unwrap_or_default().to_owned(),
            Err(_) => event.data().to_owned(),
        };
        events.map(kind).collect()
    }

    #[test]
    fn a_chair_that_gives_up_leaves_a_closed_text_and_the_next_begins_anew() {
        let types = types(&[
            row(1, "run.started", json!({ "mode": "COUNCIL" })),
            row(2, "chair.delta", json!({ "text": "Ra" })),
            row(3, "chair.started", json!({ "chair": 2 })),
            row(4, "chair.delta", json!({ "text": "Raise" })),
            row(5, "done", json!({ "state": "SUCCEEDED", "answer": "Raise" })),
        ]);
        let expected = [
            "start",
            "start-step",
            "data-council-run-started",
            "text-start",
            "text-delta",
            "text-end",
            "data-council-chair-started",
            "text-start",
            "text-delta",
            "text-end",
            "data-council-run",
            "finish-step",
            "finish",
            "[DONE]",
        ];
        assert_eq!(types, expected);
    }

    #[test]
    fn an_answer_that_no_chair_wrote_is_shown_at_the_end() {
        let types = types(&[
            row(1, "run.started", json!({ "mode": "COUNCIL" })),
            row(2, "member.delta", json!({ "seat": 1, "text": "Raise" })),
            row(3, "done", json!({ "state": "SUCCEEDED", "answer": "Raise" })),
        ]);
        assert_eq!(types[3..7], ["data-council-member-delta", "text-start", "text-delta", "text-end"]);
    }

    #[test]
    fn a_failure_is_no_clean_end_and_a_cancelled_run_is_an_abort() {
        let failure = json!({ "code": "council.quorum_not_met", "title": "Too few." });
        assert_eq!(types(&[row(4, "error", failure)]), ["error"]);
        assert_eq!(types(&[row(4, "done", json!({ "state": "CANCELLED" }))]), ["abort", "[DONE]"]);
    }
}
