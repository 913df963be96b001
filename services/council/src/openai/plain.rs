//! A model of the registry, as it is: no instructions of ours, no council.

use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::Instrument as _;
use witan_llm::{Call, ChatEvent, ChatRequest, ChatStream, Completion, LlmError, Usage};
use witan_web::sse::Dialect;
use witan_web::{
    HttpRequest, HttpResponse, Problem, Responder as _, Result, Sse, SseEvent, Tenant, codes, presence,
};

use super::fault;
use super::question::ChatCompletion;
use super::reply::Reply;
use super::usage::{self, Called};
use crate::app::App;
use crate::deliberation::calls::was_read;
use crate::keys;

/// What the plan counts.
const METRIC: &str = "messages";
const QUEUE: usize = 32;

/// A question to a plain model on its way.
struct Asked {
    app: App,
    tenant: Tenant,
    request: ChatRequest,
    reply: Reply,
    call: Call,
    id: String,
    began: Instant,
}

/// Asks the model and answers in OpenAI's form.
///
/// # Errors
/// 404 for a model that is not there, 402 over the plan's limit, and why the model did not answer, as long as nothing of
/// its answer was sent.
pub(crate) async fn answer(
    app: &App,
    tenant: &Tenant,
    body: &ChatCompletion,
    http: &HttpRequest,
) -> Result<HttpResponse> {
    let request = body.request()?;
    let keys = keys::of_workspace(app, tenant.workspace_id).await?;
    let Some(model) = app.panel.models().get(&body.model) else {
        let detail = format!("There is no model `{}`.", body.model);
        return Err(Problem::new(&codes::council::MODEL_UNKNOWN).detail(detail));
    };
    if !model.is_usable_with(Some(&keys)) {
        let detail = format!("There is no key for `{}`.", body.model);
        return Err(Problem::new(&codes::council::MODEL_UNKNOWN).detail(detail));
    }
    let within = app.peers.billing.check(tenant.workspace_id, METRIC, 1).await;
    within.map_err(|limit| Problem::new(&codes::billing::LIMIT_REACHED).detail(limit.to_string()))?;
    let id = app.clock.uuid_v7().simple().to_string();
    let asked = Asked {
        reply: Reply::new(&id, app.clock.now(), &body.model, body.wants_usage()),
        call: Call::within(app.council.limits().answers).with_keys(keys),
        app: app.clone(),
        tenant: tenant.clone(),
        request,
        id,
        began: Instant::now(),
    };
    if body.is_streamed() { Box::pin(asked.stream(http)).await } else { Box::pin(asked.whole(http)).await }
}

impl Asked {
    /// Makes the call while it is noted: nobody waits for that, a call that cannot be noted is given up, and nobody sees an answer
    /// of one. What the model reads is paid for, also if this process does not live to tell. A client that leaves ends the call.
    async fn noted<T>(
        &self,
        http: &HttpRequest,
        call: impl Future<Output = std::result::Result<T, LlmError>>,
    ) -> Result<T> {
        let read = Usage::estimate(&self.request.messages, "");
        let called = self.called(&self.request.model, read, false);
        let note = async {
            let noted = usage::note(&self.app, &called, self.app.council.limits().answers).await;
            noted.map_err(Problem::from)
        };
        let call = async {
            tokio::select! {
                done = call => Ok(Some(done)),
                () = presence::left(http) => Ok(None),
            }
        };
        // Whatever becomes of the call, it is noted before anything is told of it.
        let ((), done) = tokio::try_join!(note, call)?;
        match done {
            Some(done) => done.map_err(|error| self.failed(error)),
            None => {
                self.tell(&self.request.model, read, false);
                Err(Problem::new(&codes::CLIENT_LEFT))
            }
        }
    }

    async fn whole(self, http: &HttpRequest) -> Result<HttpResponse> {
        let call = self.app.panel.models().complete(&self.request, &self.call);
        let done = self.noted(http, call).await?;
        self.tell(&done.answered_by, done.usage, true);
        let replaced = done.replaced.map(|_| serde_json::json!({ "answeredBy": done.answered_by }));
        let body = self.reply.whole(&done.text, done.finish_reason.as_str(), done.usage, replaced);
        Ok(HttpResponse::Ok().json(body))
    }

    /// The first words decide: until they are there, what goes wrong is an error like any other.
    async fn stream(self, http: &HttpRequest) -> Result<HttpResponse> {
        let call = async {
            let mut stream = self.app.panel.models().stream(&self.request, &self.call).await?;
            let first = next(&mut stream).await?;
            Ok((stream, first))
        };
        let (stream, first) = self.noted(http, call).await?;
        let (events, received) = mpsc::channel(QUEUE);
        let lifecycle = self.app.lifecycle.clone();
        let relay = Box::pin(self.relay(stream, first, events));
        lifecycle.spawn("model.relay", relay.instrument(tracing::Span::current()));
        Ok(Sse::speaking(received, Dialect::Foreign(fault::event)).respond_to(http).map_into_boxed_body())
    }

    /// Hands the answer on. A client that hangs up ends the call.
    async fn relay(self, mut stream: ChatStream, first: ChatEvent, events: mpsc::Sender<SseEvent>) {
        let mut text = String::new();
        let mut event = Ok(first);
        let _ = events.send(self.reply.role()).await;
        let answered = loop {
            match event {
                Ok(ChatEvent::Text(piece)) => {
                    text.push_str(&piece);
                    if events.send(self.reply.words(&piece)).await.is_err() {
                        break None;
                    }
                }
                Ok(ChatEvent::Done(done)) => break Some(done),
                Err(error) => {
                    let _ = events.send(fault::event(&fault::problem(error))).await;
                    break None;
                }
            }
            event = tokio::select! {
                event = next(&mut stream) => event,
                () = events.closed() => break None,
            };
        };
        drop(stream);
        match answered {
            Some(done) => self.end(done, &events).await,
            // What a model wrote until it was stopped is paid for.
            None => self.tell(&self.request.model, Usage::estimate(&self.request.messages, &text), false),
        }
    }

    async fn end(&self, done: Completion, events: &mpsc::Sender<SseEvent>) {
        self.tell(&done.answered_by, done.usage, true);
        for event in self.reply.end(done.finish_reason.as_str(), done.usage) {
            if events.send(event).await.is_err() {
                return;
            }
        }
    }

    /// What became of a call that gave nothing; what its model has read by then is paid for.
    fn failed(&self, error: LlmError) -> Problem {
        if was_read(&error) {
            self.tell(&self.request.model, Usage::estimate(&self.request.messages, ""), false);
        } else {
            usage::forget(&self.app, self.tenant.workspace_id, self.id.clone());
        }
        fault::problem(error)
    }

    fn tell(&self, model: &str, usage: Usage, answered: bool) {
        usage::tell(&self.app, self.called(model, usage, answered));
    }

    fn called(&self, model: &str, usage: Usage, answered: bool) -> Called {
        let known = self.app.panel.models().get(model);
        Called {
            workspace_id: self.tenant.workspace_id,
            user_id: self.tenant.user_id,
            call: self.id.clone(),
            model: model.to_owned(),
            usage,
            cost_micros: known.map_or(0, |model| model.cost_micros(usage)),
            took: self.began.elapsed(),
            answered,
        }
    }
}

async fn next(stream: &mut ChatStream) -> std::result::Result<ChatEvent, LlmError> {
    stream.next().await.unwrap_or(Err(LlmError::BrokenStream { received: 0 }))
}
