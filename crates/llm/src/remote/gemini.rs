//! Google's `generateContent`, v1beta, as far as it is used here.

mod question;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{Dialect, Question, Step, Sum, fault};
use crate::{FinishReason, LlmError, Usage};

pub(super) struct Gemini;

impl Dialect for Gemini {
    fn question(&self, question: Question<'_>) -> Result<(Url, Value), LlmError> {
        let operation = if question.stream { "streamGenerateContent" } else { "generateContent" };
        let mut url = question.url(["models", &format!("{}:{operation}", question.model.name)])?;
        if question.stream {
            url.set_query(Some("alt=sse"));
        }
        Ok((url, question::body(question)))
    }

    fn headers(&self, key: Option<&str>) -> Vec<(&'static str, String)> {
        key.map(|key| ("x-goog-api-key", key.to_owned())).into_iter().collect()
    }

    fn answer(&self, body: &[u8], sum: &mut Sum) -> Result<(), LlmError> {
        let answer: Answer =
            serde_json::from_slice(body).map_err(|error| LlmError::Malformed(error.to_string()))?;
        if answer.candidates.is_empty() && answer.prompt_feedback.is_none() {
            return Err(LlmError::Malformed("no candidates".to_owned()));
        }
        take(answer, sum).map(drop)
    }

    /// Each event is an answer of its own, with the words that are new. No event says that it is the last: the
    /// connection's end does, after a reason.
    fn event(&self, data: &str, sum: &mut Sum) -> Result<Step, LlmError> {
        let answer: Answer =
            serde_json::from_str(data).map_err(|error| LlmError::Malformed(error.to_string()))?;
        take(answer, sum)
    }
}

fn take(answer: Answer, sum: &mut Sum) -> Result<Step, LlmError> {
    if let Some(error) = &answer.error {
        return Err(fault::of_error(&sum.model, error));
    }
    if answer.prompt_feedback.is_some_and(|feedback| feedback.block_reason.is_some()) {
        return Err(LlmError::Refused);
    }
    sum.named(answer.model_version);
    if let Some(usage) = answer.usage_metadata {
        sum.usage = Some(usage.into());
    }
    let Some(candidate) = answer.candidates.into_iter().next() else { return Ok(Step::Nothing) };
    if let Some(reason) = candidate.finish_reason {
        sum.finish_reason = Some(finish_reason(&reason));
    }
    let parts = candidate.content.unwrap_or_default().parts;
    let words = parts.into_iter().filter(|part| !part.thought).filter_map(|part| part.text);
    sum.said(Some(words.collect()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    candidates: Vec<Candidate>,
    prompt_feedback: Option<Feedback>,
    usage_metadata: Option<WireUsage>,
    model_version: Option<String>,
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    content: Option<Content>,
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
struct Content {
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    text: Option<String>,
    #[serde(default)]
    thought: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "camelCase", default)]
struct WireUsage {
    prompt_token_count: u64,
    candidates_token_count: u64,
    /// Thoughts are not shown and paid for like words.
    thoughts_token_count: u64,
}

impl From<WireUsage> for Usage {
    fn from(usage: WireUsage) -> Self {
        let output_tokens = usage.candidates_token_count + usage.thoughts_token_count;
        Self { input_tokens: usage.prompt_token_count, output_tokens, estimated: false }
    }
}

fn finish_reason(reason: &str) -> FinishReason {
    match reason {
        "STOP" => FinishReason::Stop,
        "MAX_TOKENS" => FinishReason::Length,
        "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "LANGUAGE" => {
            FinishReason::ContentFilter
        }
        _ => FinishReason::Other,
    }
}
