use std::time::Duration;

use actix_web::http::header::ACCEPT;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use witan_clients::{LimitReached, Reserve};
use witan_ids::{ConversationId, MessageId, PersonaId, ProjectId};
use witan_kv::Quota;
use witan_pg::{PgError, TenantTx};
use witan_web::sse::Follower;
use witan_web::{
    Body, HttpRequest, HttpResponse, Json, Path, Problem, Responder, State, Tenant, Violations, codes,
};

use crate::answer::Question;
use crate::app::App;
use crate::generation::begin::{Ask, Begun, begin};
use crate::generation::follow::{AnswerLog, follow};
use crate::generation::run;
use crate::handlers::conversations::view::Message;
use crate::handlers::streaming;
use crate::persona::{self, Persona};
use crate::projects;
use crate::store::messages::message_find;
use crate::store::projects::project_use;

/// What is counted by the plan.
const METRIC: &str = "messages";
/// A whole answer is waited for this much longer than it may take, for the writing of its end.
const MARGIN: Duration = Duration::from_secs(5);

/// A message to a persona.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Chat {
    #[schema(min_length = 1, max_length = 10_000, example = "What would make you sign?")]
    message: String,
    /// Go on with a conversation; a new one if missing.
    #[schema(nullable = false)]
    conversation_id: Option<ConversationId>,
    /// The project that a new conversation belongs to.
    #[schema(nullable = false)]
    project_id: Option<ProjectId>,
    /// Answer with server-sent events; `Accept: text/event-stream` says the same.
    #[schema(nullable = false)]
    stream: Option<bool>,
}

/// A persona's answer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChatAnswer {
    conversation_id: ConversationId,
    /// What was asked.
    question_id: MessageId,
    message: Message,
}

/// Says something to a persona, and answers with what it says.
///
/// The answer comes whole, or as events: `start`, `delta` (with `text`), then `done` or `error`. It is made whether or
/// not the client waits for it; a client that was cut off goes on at `/api/v1/conversations/{conversationId}/stream`
/// with `Last-Event-ID`.
#[utoipa::path(post, path = "/api/v1/personas/{personaId}/chat", operation_id = "chatWithPersona", tag = "personas",
    params(("personaId" = PersonaId, Path)), request_body = Chat,
    responses((status = 200, description = "The answer, or a stream of it", content(
        (ChatAnswer = "application/json"), (String = "text/event-stream")))))]
pub(crate) async fn handle(
    app: State<App>,
    tenant: Tenant,
    Path(id): Path<PersonaId>,
    Body(chat): Body<Chat>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    check_project(&app, &tenant, &chat).await?;
    admit(&app, &tenant, id).await?;
    let streamed = chat.stream.unwrap_or(false) || accepts_events(&request);
    let (begun, persona) = begin_within_plan(&app, &tenant, id, &chat).await?;
    let backend = persona.backend(&app.seals).map_err(Problem::internal)?;
    let question = Question {
        workspace_id: tenant.workspace_id,
        user_id: tenant.user_id,
        conversation_id: begun.conversation,
        persona_id: id,
        answer_id: begun.answer.id,
        text: chat.message,
        history: begun.history.clone(),
        profile: persona.profile(),
    };
    let stream = begun.stream;
    let (conversation_id, question_id, answer) = (begun.conversation, begun.question, begun.answer.id);
    run::start(&app, begun, question, backend);
    let follower = follow(&app, tenant.workspace_id, stream, 0);
    if streamed {
        return Ok(streaming::response(&app, follower, &request));
    }
    Box::pin(wait(&app, follower)).await?;
    let message = message(&app, &tenant, answer).await?;
    Ok(Json(ChatAnswer { conversation_id, question_id, message }).respond_to(&request))
}

async fn check_project(app: &App, tenant: &Tenant, chat: &Chat) -> Result<(), Problem> {
    let mut violations = Violations::new();
    if chat.project_id.is_some() && chat.conversation_id.is_some() {
        violations.push("/projectId", "validation.invalid", "a conversation that goes on keeps its project");
    }
    violations.finish()?;
    projects::check(app, tenant.workspace_id, chat.project_id).await
}

/// Whether the persona may be asked now, and the plan allows it.
async fn admit(app: &App, tenant: &Tenant, id: PersonaId) -> Result<(), Problem> {
    let key = format!("chat:{}:{id}", tenant.workspace_id);
    let decision = app.kv.limit(&key, Quota::per_minute(app.config.persona_rate)).await;
    if !decision.allowed {
        return Err(Problem::new(&codes::chat::PERSONA_BUSY).retry_after(decision.retry_after));
    }
    // What is known already costs nothing to ask; the reservation that follows is exact.
    app.peers.billing.check(tenant.workspace_id, METRIC, 1).await.map_err(|reached| limit_reached(&reached))
}

/// Reserves the message's place in the plan and writes it down, or neither. The event of the message settles it.
async fn begin_within_plan(
    app: &App,
    tenant: &Tenant,
    id: PersonaId,
    chat: &Chat,
) -> Result<(Begun, Persona), Problem> {
    let (workspace_id, question) = (tenant.workspace_id, MessageId::generate(&app.clock));
    let reference = question.to_string();
    let wish = Reserve { workspace_id, metric: METRIC.to_owned(), amount: 1, reference };
    app.peers.billing.reserve(&wish).await.map_err(|reached| limit_reached(&reached))?;
    let written = write_down(app, tenant, id, question, chat).await;
    if written.is_err()
        && let Err(error) = app.peers.billing.release(workspace_id, &wish.reference).await
    {
        tracing::warn!(%question, error = &error as &dyn std::error::Error, "a reservation is left to lapse");
    }
    written
}

fn limit_reached(reached: &LimitReached) -> Problem {
    Problem::new(&codes::billing::LIMIT_REACHED).detail(reached.to_string())
}

async fn write_down(
    app: &App,
    tenant: &Tenant,
    id: PersonaId,
    question: MessageId,
    chat: &Chat,
) -> Result<(Begun, Persona), Problem> {
    let write = async |tx: &mut TenantTx<'_>| -> Result<_, PgError> {
        let persona = persona::find(tx, id).await?.ok_or(PgError::NotFound)?;
        if let Some(project) = chat.project_id
            && !project_use(tx, project).await?
        {
            return Ok(None);
        }
        let ask = Ask {
            question,
            user_id: tenant.user_id,
            persona_id: id,
            persona_name: persona.name().to_owned(),
            conversation_id: chat.conversation_id,
            project_id: chat.project_id,
            text: chat.message.clone(),
        };
        Ok(Some((begin(tx, &app.clock, &ask).await?, persona)))
    };
    let written = app.pg.tenant("chat.begin", tenant.workspace_id, write).await;
    let written = written.map_err(|error| match error.constraint() {
        Some("messages_one_answer") => Problem::new(&codes::chat::ANSWER_IN_PROGRESS).source(error),
        _ => error.into(),
    })?;
    written.ok_or_else(projects::unknown)
}

fn accepts_events(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|part| part.trim().starts_with("text/event-stream"))
}

/// Waits for the end, and makes a problem of a failure.
async fn wait(app: &App, mut follower: Follower<AnswerLog>) -> Result<(), Problem> {
    let ended = async {
        while let Some(event) = follower.next().await? {
            if event.event == "error" {
                return Err(streaming::problem(&event.data));
            }
        }
        Ok(())
    };
    let waited = tokio::time::timeout(app.config.answer_timeout + MARGIN, ended).await;
    waited.unwrap_or_else(|_| Err(Problem::new(&codes::chat::PERSONA_TIMEOUT)))
}

async fn message(app: &App, tenant: &Tenant, id: MessageId) -> Result<Message, Problem> {
    let read = async |tx: &mut TenantTx<'_>| message_find(tx, id).await;
    let found = app.pg.tenant_read("messages.get", tenant.workspace_id, read).await?;
    Ok(found.ok_or_else(Problem::not_found)?.into())
}
