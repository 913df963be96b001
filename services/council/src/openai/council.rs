//! A council behind OpenAI's API: the last message is the question, what was said before is its context.

use serde_json::json;
use witan_llm::{Role, Usage};
use witan_web::sse::Dialect;
use witan_web::{HttpRequest, HttpResponse, Problem, Result, SseEvent, Tenant, Violations, codes};

use super::question::ChatCompletion;
use super::reply::Reply;
use super::{COUNCIL, fault};
use crate::agents::{self, Seated};
use crate::app::App;
use crate::domain::budget::RunBudget;
use crate::domain::conversation;
use crate::domain::mode::Mode;
use crate::domain::sitting::Wish;
use crate::handlers::agents::input::good_prompt;
use crate::handlers::runs::show;
use crate::runs::follow::follow;
use crate::runs::{Asked, ask, queue};
use crate::store::run_events::RunEventRow;

/// Asks the council and answers in OpenAI's form.
///
/// # Errors
/// 404 for an agent that is not there, 422 for a question that cannot be asked, and those of a run.
pub(crate) async fn answer(
    app: &App,
    tenant: &Tenant,
    body: &ChatCompletion,
    http: &HttpRequest,
) -> Result<HttpResponse> {
    let asked = understood(app, tenant, body).await?;
    let mode = asked.sitting.mode;
    if body.is_streamed() {
        let id = queue(app, asked).await?;
        let reply = Reply::new(&id.to_string(), app.clock.now(), &body.model, body.wants_usage());
        let mut written = Written { reply, alone: mode == Mode::Single, begun: false, text: String::new() };
        let shown = move |row: &RunEventRow| written.events(row);
        let log = follow(app, tenant.workspace_id, id, 0);
        return Ok(log.respond(&app.lifecycle, http, Dialect::Foreign(fault::event), shown));
    }
    let id = ask(app, asked).await?;
    let run = show::find(app, tenant.workspace_id, id).await?;
    let reply = Reply::new(&id.to_string(), app.clock.now(), &body.model, false);
    let run = json!(run);
    let text = run["answer"].as_str().unwrap_or_default();
    let told = json!({ "runId": id, "degraded": run["degraded"], "quorum": run["quorum"] });
    Ok(HttpResponse::Ok().json(reply.whole(text, "stop", usage(&run), Some(told))))
}

async fn understood(app: &App, tenant: &Tenant, body: &ChatCompletion) -> Result<Asked> {
    let mut messages = body.conversation()?;
    let question = messages.pop().filter(|last| last.role == Role::User);
    let mut violations = Violations::new();
    let last = format!("/messages/{}", body.messages.len().saturating_sub(1));
    let question = match question {
        Some(question) => {
            violations.parse(&last, good_prompt(&question.content).map(|()| question.content.clone()))
        }
        None => {
            violations.push(&last, "validation.invalid", "must be the user's");
            None
        }
    };
    let name = body.model.strip_prefix(COUNCIL).unwrap_or_default();
    if agents::find(app, tenant.workspace_id, name).await?.is_none() {
        let detail = format!("There is no model `{}`.", body.model);
        return Err(Problem::new(&codes::council::MODEL_UNKNOWN).detail(detail));
    }
    let seated = agents::seat(app, tenant.workspace_id, name, Wish::default(), &mut violations).await?;
    let (Seated { slug, version, sitting }, prompt) = violations.build(|| seated.zip(question))?;
    Ok(Asked {
        workspace_id: tenant.workspace_id,
        user_id: tenant.user_id,
        asked_by: None,
        agent: slug,
        agent_version: version,
        sitting,
        prompt,
        startup_id: None,
        project_id: None,
        session: None,
        chat: None,
        profile: None,
        context: conversation::before(&messages),
        budget: RunBudget::default(),
        parent: None,
    })
}

/// What was sent of an answer.
struct Written {
    reply: Reply,
    /// One model answers alone: its words are the answer.
    alone: bool,
    begun: bool,
    text: String,
}

impl Written {
    fn events(&mut self, row: &RunEventRow) -> Vec<SseEvent> {
        let mut events = Vec::new();
        if !std::mem::replace(&mut self.begun, true) {
            events.push(self.reply.role());
        }
        match row.event.as_str() {
            "chair.delta" => self.write(row, &mut events),
            "member.delta" if self.alone => self.write(row, &mut events),
            // Another one begins anew, and what was sent cannot be taken back.
            "member.started" | "chair.started" | "run.resumed" if !self.text.is_empty() => {
                events.push(broken())
            }
            "done" => self.done(row, &mut events),
            "error" => events.push(failed(row)),
            _ => {}
        }
        events
    }

    fn write(&mut self, row: &RunEventRow, events: &mut Vec<SseEvent>) {
        let words = row.data["text"].as_str().unwrap_or_default();
        self.text.push_str(words);
        events.push(self.reply.words(words));
    }

    fn done(&mut self, row: &RunEventRow, events: &mut Vec<SseEvent>) {
        let answer = row.data["answer"].as_str().unwrap_or_default();
        if row.data["state"] == "CANCELLED" {
            events.push(broken());
            return;
        }
        if self.text.is_empty() {
            // What no chair wrote was not seen yet.
            events.push(self.reply.words(answer));
        } else if self.text.trim() != answer.trim() {
            events.push(broken());
            return;
        }
        events.extend(self.reply.end("stop", usage(&row.data)));
    }
}

fn usage(run: &serde_json::Value) -> Usage {
    let tokens = |name: &str| run["usage"][name].as_u64().unwrap_or(0);
    let estimated = run["tokensEstimated"] == true;
    Usage { input_tokens: tokens("inputTokens"), output_tokens: tokens("outputTokens"), estimated }
}

fn broken() -> SseEvent {
    fault::event(&Problem::new(&codes::STREAM_INTERRUPTED))
}

fn failed(row: &RunEventRow) -> SseEvent {
    let code = row.data["code"].as_str().unwrap_or_default();
    fault::event(&Problem::new(crate::runs::failure(code)))
}
