//! OpenAI's chat completions, as far as they are used here.

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::{Dialect, Question, Step, Sum, fault, told};
use crate::{FinishReason, JsonMode, JsonSchema, LlmError, Message, Usage};

pub(super) struct OpenAi;

impl Dialect for OpenAi {
    fn question(&self, question: Question<'_>) -> Result<(Url, Value), LlmError> {
        Ok((question.url(["chat", "completions"])?, body(question)))
    }

    fn headers(&self, key: Option<&str>) -> Vec<(&'static str, String)> {
        key.map(|key| ("authorization", format!("Bearer {key}"))).into_iter().collect()
    }

    fn answer(&self, body: &[u8], sum: &mut Sum) -> Result<(), LlmError> {
        let answer: Answer =
            serde_json::from_slice(body).map_err(|error| LlmError::Malformed(error.to_string()))?;
        if let Some(error) = &answer.error {
            return Err(fault::of_error(&sum.model, error));
        }
        let choice = answer.choices.into_iter().next();
        let choice = choice.ok_or_else(|| LlmError::Malformed("no choices".to_owned()))?;
        if choice.message.refusal.is_some_and(|refusal| !refusal.is_empty()) {
            return Err(LlmError::Refused);
        }
        sum.named(answer.model);
        sum.said(choice.message.content)?;
        sum.finish_reason = choice.finish_reason.as_deref().map(finish_reason);
        sum.usage = answer.usage.map(Usage::from);
        Ok(())
    }

    fn event(&self, data: &str, sum: &mut Sum) -> Result<Step, LlmError> {
        if data.trim() == "[DONE]" {
            return Ok(Step::End);
        }
        let chunk: Chunk =
            serde_json::from_str(data).map_err(|error| LlmError::Malformed(error.to_string()))?;
        if let Some(error) = &chunk.error {
            return Err(fault::of_error(&sum.model, error));
        }
        if let Some(usage) = chunk.usage {
            sum.usage = Some(usage.into());
        }
        sum.named(chunk.model);
        let Some(choice) = chunk.choices.into_iter().next() else { return Ok(Step::Nothing) };
        if let Some(reason) = choice.finish_reason {
            sum.finish_reason = Some(finish_reason(&reason));
        }
        if choice.delta.refusal.is_some_and(|refusal| !refusal.is_empty()) {
            return Err(LlmError::Refused);
        }
        sum.said(choice.delta.content)
    }
}

fn body(question: Question<'_>) -> Value {
    let Question { model, remote, request, stream } = question;
    let mut body = json!({ "model": model.name, "messages": request.messages });
    if let Some(temperature) = question.temperature() {
        body["temperature"] = json!(temperature);
    }
    if let Some(tokens) = request.max_tokens {
        // OpenAI's newer models refuse the old name, and most others know nothing else.
        let own = remote.base_url.host_str() == Some("api.openai.com");
        body[if own { "max_completion_tokens" } else { "max_tokens" }] = json!(tokens);
    }
    if stream {
        body["stream"] = json!(true);
        body["stream_options"] = json!({ "include_usage": true });
    }
    if let Some(wanted) = &request.json_schema {
        ask_for_json(&mut body, remote.json_mode, wanted);
    }
    body
}

fn ask_for_json(body: &mut Value, mode: JsonMode, wanted: &JsonSchema) {
    match mode {
        JsonMode::Schema => {
            let schema = json!({ "name": wanted.name, "schema": wanted.schema, "strict": true });
            body["response_format"] = json!({ "type": "json_schema", "json_schema": schema });
            return;
        }
        JsonMode::Object => body["response_format"] = json!({ "type": "json_object" }),
        JsonMode::Prompt => {}
    }
    if let Some(messages) = body["messages"].as_array_mut() {
        messages.push(json!(Message::system(told(&wanted.schema))));
    }
}

#[derive(Deserialize)]
struct Answer {
    model: Option<String>,
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<WireUsage>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    message: Said,
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
struct Said {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
}

#[derive(Deserialize, Clone, Copy)]
struct WireUsage {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

/// One event of a stream.
#[derive(Deserialize)]
struct Chunk {
    model: Option<String>,
    #[serde(default)]
    choices: Vec<ChunkChoice>,
    usage: Option<WireUsage>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct ChunkChoice {
    #[serde(default)]
    delta: Said,
    finish_reason: Option<String>,
}

fn finish_reason(reason: &str) -> FinishReason {
    match reason {
        "stop" | "eos" | "end_turn" => FinishReason::Stop,
        "length" | "max_tokens" => FinishReason::Length,
        "content_filter" => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    }
}

impl From<WireUsage> for Usage {
    fn from(usage: WireUsage) -> Self {
        Self { input_tokens: usage.prompt_tokens, output_tokens: usage.completion_tokens, estimated: false }
    }
}
