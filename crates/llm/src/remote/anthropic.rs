//! Anthropic's Messages API, version 2023-06-01, as far as it is used here.

mod question;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{Dialect, Question, Step, Sum, fault};
use crate::{FinishReason, LlmError, Usage};

pub(super) struct Anthropic;

impl Dialect for Anthropic {
    fn question(&self, question: Question<'_>) -> Result<(Url, Value), LlmError> {
        Ok((question.url(["v1", "messages"])?, question::body(question)))
    }

    fn headers(&self, key: Option<&str>) -> Vec<(&'static str, String)> {
        let version = ("anthropic-version", "2023-06-01".to_owned());
        key.map(|key| ("x-api-key", key.to_owned())).into_iter().chain([version]).collect()
    }

    fn answer(&self, body: &[u8], sum: &mut Sum) -> Result<(), LlmError> {
        let answer: Whole =
            serde_json::from_slice(body).map_err(|error| LlmError::Malformed(error.to_string()))?;
        sum.named(answer.model);
        for block in answer.content {
            // The tool that must be called is the JSON that was asked for; its input is the answer.
            sum.said(block.text.or_else(|| block.input.map(|input| input.to_string())))?;
        }
        sum.finish_reason = answer.stop_reason.as_deref().map(finish_reason);
        sum.usage = answer.usage.map(|usage| usage.over(None));
        Ok(())
    }

    fn event(&self, data: &str, sum: &mut Sum) -> Result<Step, LlmError> {
        let event: Event =
            serde_json::from_str(data).map_err(|error| LlmError::Malformed(error.to_string()))?;
        match event {
            Event::MessageStart { message } => {
                sum.named(message.model);
                sum.usage = message.usage.map(|usage| usage.over(None));
                Ok(Step::Nothing)
            }
            Event::ContentBlockDelta { delta } => sum.said(delta.text.or(delta.partial_json)),
            Event::MessageDelta { delta, usage } => {
                if let Some(reason) = delta.stop_reason {
                    sum.finish_reason = Some(finish_reason(&reason));
                }
                sum.usage = usage.map(|usage| usage.over(sum.usage)).or(sum.usage);
                Ok(Step::Nothing)
            }
            Event::MessageStop => Ok(Step::End),
            Event::Error { error } => Err(fault::of_error(&sum.model, &error)),
            Event::Other => Ok(Step::Nothing),
        }
    }
}

#[derive(Deserialize)]
struct Whole {
    model: Option<String>,
    content: Vec<Block>,
    stop_reason: Option<String>,
    usage: Option<WireUsage>,
}

/// Of a text or a tool's call; a block of thoughts has neither.
#[derive(Deserialize)]
struct Block {
    text: Option<String>,
    input: Option<Value>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart {
        message: Start,
    },
    ContentBlockDelta {
        delta: Delta,
    },
    MessageDelta {
        delta: Stop,
        usage: Option<WireUsage>,
    },
    MessageStop,
    Error {
        error: Value,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Start {
    model: Option<String>,
    usage: Option<WireUsage>,
}

#[derive(Deserialize)]
struct Delta {
    text: Option<String>,
    partial_json: Option<String>,
}

#[derive(Deserialize)]
struct Stop {
    stop_reason: Option<String>,
}

/// Counts so far: each event's take the place of the last one's.
#[derive(Deserialize, Clone, Copy)]
struct WireUsage {
    input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

impl WireUsage {
    fn over(self, before: Option<Usage>) -> Usage {
        let before = before.unwrap_or_default();
        let cached =
            self.cache_creation_input_tokens.unwrap_or(0) + self.cache_read_input_tokens.unwrap_or(0);
        Usage {
            input_tokens: self.input_tokens.map_or(before.input_tokens, |input| input + cached),
            output_tokens: self.output_tokens.unwrap_or(before.output_tokens),
            estimated: false,
        }
    }
}

fn finish_reason(reason: &str) -> FinishReason {
    match reason {
        // The only tool there is holds the answer.
        "end_turn" | "stop_sequence" | "tool_use" => FinishReason::Stop,
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "refusal" => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    }
}
