use std::time::Duration;

use tokio::time::Instant;

use crate::{Completion, FinishReason, LlmError, Message, ModelInfo, Usage};

/// The longest text that is taken for an answer; the longest of today have a quarter of it.
const MAX_TEXT: usize = 2 * 1024 * 1024;

/// What has come of an answer so far.
#[derive(Default)]
pub(super) struct Sum {
    pub(super) answered_by: String,
    /// As the provider names it.
    pub(super) model: String,
    pub(super) text: String,
    pub(super) finish_reason: Option<FinishReason>,
    pub(super) usage: Option<Usage>,
    pub(super) first: Option<Duration>,
}

/// What an event of a stream was.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// Nothing for the reader.
    Nothing,
    /// The next words, already taken into the sum.
    Text(String),
    /// The provider says that nothing follows.
    End,
}

impl Sum {
    pub(super) fn of(model: &ModelInfo) -> Self {
        Self { answered_by: model.id.clone(), model: model.name.clone(), ..Self::default() }
    }

    /// Takes in how the provider names the model, if it does.
    pub(super) fn named(&mut self, model: Option<String>) {
        if let Some(model) = model.filter(|model| !model.is_empty()) {
            self.model = model;
        }
    }

    /// Takes in the next words.
    pub(super) fn said(&mut self, text: Option<String>) -> Result<Step, LlmError> {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(Step::Nothing) };
        if self.text.len() + text.len() > MAX_TEXT {
            return Err(LlmError::Malformed("the answer is too long".to_owned()));
        }
        self.text.push_str(&text);
        Ok(Step::Text(text))
    }

    /// The end, if the model had said why. A marker such as `[DONE]` alone proves nothing, some gateways make one up.
    pub(super) fn finish(&mut self, messages: &[Message], began: Instant) -> Result<Completion, LlmError> {
        let sum = std::mem::take(self);
        let Some(finish_reason) = sum.finish_reason else {
            return Err(LlmError::BrokenStream { received: sum.text.len() });
        };
        if sum.text.is_empty() && finish_reason == FinishReason::ContentFilter {
            return Err(LlmError::Refused);
        }
        Ok(Completion {
            usage: sum.usage.unwrap_or_else(|| Usage::estimate(messages, &sum.text)),
            text: sum.text,
            finish_reason,
            model: sum.model,
            answered_by: sum.answered_by,
            replaced: None,
            time_to_first_token: sum.first,
            latency: began.elapsed(),
        })
    }
}
