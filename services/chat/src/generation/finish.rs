use serde_json::{Value, json};
use witan_clock::Clock;
use witan_events::contracts::chat::v1::MessageCreated;
use witan_events::publish;
use witan_ids::{MessageId, PersonaId, StreamId, UserId};
use witan_pg::{PgError, TenantTx};

use crate::answer::Answered;
use crate::domain::outcome::AnswerError;
use crate::domain::state::MessageState;
use crate::store::conversations::conversation_touch;
use crate::store::live_streams::live_stream_delete;
use crate::store::messages::{MessageEnd, MessageRow, message_end};
use crate::store::stream_events::{StreamEventRow, stream_event_append};

/// How an answer ended.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    pub(crate) outcome: Result<Answered, AnswerError>,
    /// All that came.
    pub(crate) content: String,
    /// The number of the last event.
    pub(crate) seq: i32,
}

/// What the ending is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    pub(crate) message: MessageId,
    pub(crate) stream: StreamId,
    pub(crate) persona: PersonaId,
    pub(crate) owner: UserId,
}

/// Ends an answer: the message, the last event, the event for others, in one transaction. `None` when it had ended.
pub(crate) async fn finish(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    subject: Subject,
    ending: &Ending,
) -> Result<Option<StreamEventRow>, PgError> {
    let now = clock.now();
    let answered = ending.outcome.clone().unwrap_or_default();
    let end = MessageEnd {
        state: state(&ending.outcome).as_str().to_owned(),
        content: ending.content.clone(),
        error_code: failure(&ending.outcome).map(|error| error.code().to_owned()),
        model: answered.model,
        input_tokens: answered.input_tokens,
        output_tokens: answered.output_tokens,
        finished_at: Some(now),
    };
    let Some(message) = message_end(tx, subject.message, &end).await? else { return Ok(None) };
    let (event, data) = last_event(&message, ending);
    let last = StreamEventRow {
        workspace_id: tx.workspace_id(),
        stream_id: subject.stream,
        seq: ending.seq + 1,
        event: event.to_owned(),
        data,
        created_at: now,
    };
    stream_event_append(tx, &last).await?;
    live_stream_delete(tx, subject.stream).await?;
    conversation_touch(tx, message.conversation_id, now).await?;
    // Nothing said is nothing to tell of.
    if !message.content.is_empty() {
        tell(tx, clock, subject, &message).await?;
    }
    Ok(Some(last))
}

async fn tell(
    tx: &mut TenantTx<'_>,
    clock: &Clock,
    subject: Subject,
    message: &MessageRow,
) -> Result<(), PgError> {
    let event = MessageCreated {
        workspace_id: tx.workspace_id().to_string(),
        conversation_id: message.conversation_id.to_string(),
        message_id: message.id.to_string(),
        persona_id: subject.persona.to_string(),
        role: "assistant".to_owned(),
        user_id: subject.owner.to_string(),
    };
    publish(tx, clock, &event.conversation_id, &event).await?;
    Ok(())
}

fn state(outcome: &Result<Answered, AnswerError>) -> MessageState {
    match outcome {
        Ok(_) => MessageState::Complete,
        Err(AnswerError::Stopped) => MessageState::Stopped,
        Err(_) => MessageState::Failed,
    }
}

/// A stop is an ending, not a failure.
fn failure(outcome: &Result<Answered, AnswerError>) -> Option<&AnswerError> {
    outcome.as_ref().err().filter(|error| **error != AnswerError::Stopped)
}

fn last_event(message: &MessageRow, ending: &Ending) -> (&'static str, Value) {
    match failure(&ending.outcome) {
        None => {
            let data = json!({
                "conversationId": message.conversation_id,
                "messageId": message.id,
                "state": message.state,
                "model": message.model,
                "usage": { "inputTokens": message.input_tokens, "outputTokens": message.output_tokens },
            });
            ("done", data)
        }
        Some(error) => {
            let data = json!({
                "conversationId": message.conversation_id,
                "messageId": message.id,
                "state": message.state,
                "code": error.code(),
                "detail": error.to_string(),
                "retryable": error.retryable(),
                "partial": !message.content.is_empty(),
                "retryAfterMs": error.retry_after().map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            });
            ("error", data)
        }
    }
}
