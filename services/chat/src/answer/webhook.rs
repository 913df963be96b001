//! The relay to a persona's own workflow (n8n and alike).
//!
//! The message is signed by Standard Webhooks and carries the answer's id as `webhook-id` and as `idempotency-key`, the
//! same for each try. It is tried again, three times at most, only while nothing has been answered: when no connection
//! was had, and on 429 and 5xx. Five failures in a row open the persona's breaker for five minutes.

use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use url::Url;
use witan_egress::{EgressError, Outgoing, SigningSecret, Streaming, sign};
use witan_ids::{ConversationId, MessageId, PersonaId, UserId, WorkspaceId};
use witan_kv::BreakerPolicy;

use super::{Answered, Pieces, Question, hand_on};
use crate::app::App;
use crate::domain::decoder::{Decoder, Piece};
use crate::domain::outcome::AnswerError;
use crate::domain::state::Role;

const RETRIES: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// However long a workflow asks us to wait: a person is waiting too.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
const MAX_ANSWER: usize = 1024 * 1024;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What a workflow receives.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    id: MessageId,
    message: &'a str,
    conversation_id: ConversationId,
    persona_id: PersonaId,
    workspace_id: WorkspaceId,
    user_id: UserId,
    history: Vec<Said<'a>>,
}

#[derive(Serialize)]
struct Said<'a> {
    role: &'static str,
    content: &'a str,
}

/// Asks the workflow and hands its text on as it comes.
pub(super) async fn answer(
    app: &App,
    url: &Url,
    secret: &SigningSecret,
    question: &Question,
    pieces: &Pieces,
) -> Result<Answered, AnswerError> {
    let name = format!("persona:{}", question.persona_id);
    let breaker = app.kv.breaker(&name, BreakerPolicy::default());
    let permit = breaker.acquire().await.map_err(|open| AnswerError::Suspended(open.retry_after))?;
    let outcome = relay(app, url, secret, question, pieces).await;
    match &outcome {
        Ok(()) => permit.success().await,
        Err(error) if error.blames_backend() => permit.failure().await,
        // Says nothing about the workflow.
        Err(_) => drop(permit),
    }
    outcome.map(|()| Answered::default())
}

async fn relay(
    app: &App,
    url: &Url,
    secret: &SigningSecret,
    question: &Question,
    pieces: &Pieces,
) -> Result<(), AnswerError> {
    let mut stream = open(app, url, secret, question).await?;
    let content_type = stream.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mut decoder = Decoder::new(content_type);
    while let Some(bytes) = stream.next().await {
        let mut decoded = Vec::new();
        let fine = decoder.push(&bytes.map_err(broken)?, &mut decoded);
        for piece in decoded {
            match piece {
                Piece::Text(text) => hand_on(pieces, text).await?,
                Piece::End => return Ok(()),
            }
        }
        fine?;
    }
    for piece in decoder.finish()? {
        if let Piece::Text(text) = piece {
            hand_on(pieces, text).await?;
        }
    }
    Ok(())
}

/// The beginning of an answer, after as many tries as it takes.
async fn open(
    app: &App,
    url: &Url,
    secret: &SigningSecret,
    question: &Question,
) -> Result<Streaming, AnswerError> {
    let body = body(question);
    for tried in 0.. {
        let sent = app.guarded.stream(request(app, url, secret, question, &body)).await;
        let wait = match sent {
            Ok(stream) if stream.status.is_success() => return Ok(stream),
            Ok(stream) if tried < RETRIES && worth_retrying(stream.status) => {
                pause(app, tried, &stream.headers)
            }
            Ok(stream) => {
                tracing::info!(persona = %question.persona_id, status = %stream.status, "a persona's webhook refused");
                return Err(AnswerError::Failed);
            }
            Err(error) if tried < RETRIES && error.never_sent() && error.is_transient() => {
                pause(app, tried, &HeaderMap::new())
            }
            Err(error) => return Err(broken(error)),
        };
        tokio::time::sleep(wait).await;
    }
    Err(AnswerError::Unreachable)
}

fn request(app: &App, url: &Url, secret: &SigningSecret, question: &Question, body: &[u8]) -> Outgoing {
    let id = question.answer_id.to_string();
    let mut request = Outgoing::post_json(url.clone(), body.to_vec())
        .timeout(app.config.answer_timeout)
        .idle(app.config.idle_timeout)
        .max_response_bytes(MAX_ANSWER)
        .peer("persona");
    let accepted = "text/event-stream, application/x-ndjson, application/json, text/plain";
    request.headers.insert(ACCEPT, HeaderValue::from_static(accepted));
    if let Ok(key) = HeaderValue::from_str(&id) {
        request.headers.insert(IDEMPOTENCY_KEY, key);
    }
    sign(&mut request.headers, std::slice::from_ref(secret), &id, app.clock.now().timestamp(), body);
    request
}

fn body(question: &Question) -> Vec<u8> {
    let said = question.history.iter().map(|turn| Said { role: role(turn.role), content: &turn.content });
    let body = Body {
        id: question.answer_id,
        message: &question.text,
        conversation_id: question.conversation_id,
        persona_id: question.persona_id,
        workspace_id: question.workspace_id,
        user_id: question.user_id,
        history: said.collect(),
    };
    // Strings and ids always serialise.
    serde_json::to_vec(&body).unwrap_or_default()
}

fn role(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

fn worth_retrying(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

/// Twice as long each time, half of it by chance, or what the workflow asks for.
fn pause(app: &App, tried: u32, headers: &HeaderMap) -> Duration {
    let asked =
        headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok()).map(Duration::from_secs);
    let planned = FIRST_WAIT * 2u32.saturating_pow(tried);
    let half = u64::try_from(planned.as_millis() / 2).unwrap_or(0);
    let planned = Duration::from_millis(half + app.clock.random_range(0..half + 1));
    asked.map_or(planned, |asked| asked.max(planned)).min(LONGEST_WAIT)
}

fn broken(error: EgressError) -> AnswerError {
    tracing::info!(kind = error.kind(), "a persona's webhook failed");
    match error {
        EgressError::Blocked | EgressError::Url(_) | EgressError::Connect(_) | EgressError::Client(_) => {
            AnswerError::Unreachable
        }
        EgressError::Timeout(_) | EgressError::Idle(_) => AnswerError::Timeout,
        EgressError::TooLarge(_) => AnswerError::TooLong,
        _ => AnswerError::Failed,
    }
}
