use std::time::Duration;

use tokio_util::sync::CancellationToken;
use witan_llm::{Call, ChatEvent, ChatRequest, LlmError, Message, Purpose};

use super::{Answered, Pieces, Question, hand_on};
use crate::app::App;
use crate::domain::outcome::AnswerError;
use crate::domain::state::Role;

/// Of one answer: a persona talks, it does not write books.
const MAX_TOKENS: u32 = 2048;
/// What a rate-limited provider is given when it does not say.
const REST: Duration = Duration::from_secs(30);

/// Asks a model as the persona, and hands its words on as they come.
pub(super) async fn answer(
    app: &App,
    model: Option<&str>,
    question: &Question,
    pieces: &Pieces,
    cancel: &CancellationToken,
) -> Result<Answered, AnswerError> {
    let chosen = model.or(app.config.default_model.as_deref());
    let model =
        chosen.or(app.models.default_model().map(|model| model.id.as_str())).ok_or(AnswerError::Failed)?;
    let request = ChatRequest::new(model, Purpose::Chat, messages(question)).max_tokens(MAX_TOKENS);
    let call = Call::within(app.config.answer_timeout).cancelled_by(cancel);
    let mut stream = app.models.stream(&request, &call).await.map_err(failed)?;
    let mut any = false;
    while let Some(event) = stream.next().await {
        match event.map_err(failed)? {
            ChatEvent::Text(text) => {
                any |= !text.is_empty();
                hand_on(pieces, text).await?;
            }
            ChatEvent::Done(done) if any => {
                return Ok(Answered {
                    model: Some(model.to_owned()),
                    input_tokens: i64::try_from(done.usage.input_tokens).ok(),
                    output_tokens: i64::try_from(done.usage.output_tokens).ok(),
                });
            }
            ChatEvent::Done(_) => return Err(AnswerError::Failed),
        }
    }
    Err(AnswerError::Failed)
}

fn messages(question: &Question) -> Vec<Message> {
    let mut messages = vec![Message::system(question.profile.instructions())];
    messages.extend(question.history.iter().map(|turn| match turn.role {
        Role::User => Message::user(&turn.content),
        Role::Assistant => Message::assistant(&turn.content),
    }));
    messages.push(Message::user(&question.text));
    messages
}

fn failed(error: LlmError) -> AnswerError {
    tracing::info!(kind = error.kind(), "a model did not answer");
    match error {
        LlmError::Timeout => AnswerError::Timeout,
        LlmError::Cancelled => AnswerError::Stopped,
        LlmError::Open { retry_after } => AnswerError::Suspended(retry_after),
        LlmError::RateLimited { retry_after } => AnswerError::Suspended(retry_after.unwrap_or(REST)),
        _ => AnswerError::Failed,
    }
}
