//! Reading a stream, truthfully: it ended well only if the model said why it stopped. A connection that closes before,
//! an error object in the middle, an event that is not JSON: each is an error, whatever had come until then.

use eventsource_stream::{EventStreamError, Eventsource};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::time::Instant;
use witan_egress::{EgressError, Streaming};

use super::fault;
use super::wire::{self, Chunk};
use crate::{ChatEvent, ChatStream, Completion, FinishReason, LlmError, Message, Usage};

type Event = Result<eventsource_stream::Event, EventStreamError<EgressError>>;

pub(super) fn stream(answer: Streaming, model: String, messages: Vec<Message>, began: Instant) -> ChatStream {
    let events = Box::pin(answer.into_stream().eventsource());
    let reader = Reader { events, messages, began, end: false, sum: Sum { model, ..Sum::default() } };
    ChatStream::new(stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((event, reader))
    }))
}

struct Reader<S> {
    events: S,
    messages: Vec<Message>,
    began: Instant,
    end: bool,
    sum: Sum,
}

/// What has come so far.
#[derive(Default)]
struct Sum {
    model: String,
    text: String,
    finish_reason: Option<FinishReason>,
    usage: Option<Usage>,
    first: Option<std::time::Duration>,
}

impl<S: Stream<Item = Event> + Unpin> Reader<S> {
    async fn next(&mut self) -> Option<Result<ChatEvent, LlmError>> {
        if self.end {
            return None;
        }
        let event = loop {
            match self.events.next().await {
                Some(Ok(event)) if event.data.trim() == "[DONE]" => break self.finish(),
                Some(Ok(event)) => match self.take(&event.data) {
                    Ok(None) => {}
                    Ok(Some(text)) => return Some(Ok(ChatEvent::Text(text))),
                    Err(error) => break Err(error),
                },
                Some(Err(error)) => break Err(self.broken(error)),
                None => break self.finish(),
            }
        };
        self.end = true;
        Some(event)
    }

    /// Takes in one event and returns its text, if it has any.
    fn take(&mut self, data: &str) -> Result<Option<String>, LlmError> {
        let chunk: Chunk =
            serde_json::from_str(data).map_err(|error| LlmError::Malformed(error.to_string()))?;
        if let Some(error) = &chunk.error {
            return Err(fault::of_error(&self.sum.model, error));
        }
        if let Some(usage) = chunk.usage {
            self.sum.usage = Some(usage.into());
        }
        if let Some(model) = chunk.model.filter(|model| !model.is_empty()) {
            self.sum.model = model;
        }
        let Some(choice) = chunk.choices.into_iter().next() else { return Ok(None) };
        if let Some(reason) = choice.finish_reason {
            self.sum.finish_reason = Some(wire::finish_reason(Some(&reason)));
        }
        if choice.delta.refusal.is_some_and(|refusal| !refusal.is_empty()) {
            return Err(LlmError::Refused);
        }
        let text = choice.delta.content.filter(|text| !text.is_empty());
        if let Some(text) = &text {
            self.sum.text.push_str(text);
            self.sum.first.get_or_insert_with(|| self.began.elapsed());
        }
        Ok(text)
    }

    /// The end, if the model had said why; `[DONE]` alone proves nothing, some gateways make one up.
    fn finish(&mut self) -> Result<ChatEvent, LlmError> {
        let sum = std::mem::take(&mut self.sum);
        let Some(finish_reason) = sum.finish_reason else {
            return Err(LlmError::BrokenStream { received: sum.text.len() });
        };
        if sum.text.is_empty() && finish_reason == FinishReason::ContentFilter {
            return Err(LlmError::Refused);
        }
        Ok(ChatEvent::Done(Completion {
            usage: sum.usage.unwrap_or_else(|| Usage::estimate(&self.messages, &sum.text)),
            text: sum.text,
            finish_reason,
            model: sum.model,
            time_to_first_token: sum.first,
            latency: self.began.elapsed(),
        }))
    }

    fn broken(&self, error: EventStreamError<EgressError>) -> LlmError {
        match error {
            EventStreamError::Transport(EgressError::Broken(_)) => {
                LlmError::BrokenStream { received: self.sum.text.len() }
            }
            EventStreamError::Transport(error) => fault::of_egress(error),
            EventStreamError::Utf8(error) => LlmError::Malformed(error.to_string()),
            EventStreamError::Parser(error) => LlmError::Malformed(error.to_string()),
        }
    }
}
