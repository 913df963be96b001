//! The bodies of OpenAI's chat completions, as far as they are used here.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::model::OpenAiSettings;
use crate::{ChatRequest, FinishReason, JsonMode, JsonSchema, LlmError, Message, ModelInfo, Usage};

pub(super) fn body(
    model: &ModelInfo,
    settings: &OpenAiSettings,
    request: &ChatRequest,
    stream: bool,
) -> Value {
    let mut body = json!({ "model": model.name, "messages": request.messages });
    if let Some(temperature) = request.temperature {
        // As a 32-bit float it would be sent as 0.699999988.
        body["temperature"] = json!((f64::from(temperature) * 1e4).round() / 1e4);
    }
    if let Some(tokens) = request.max_tokens {
        // OpenAI's newer models refuse the old name, and most others know nothing else.
        let own = settings.base_url.host_str() == Some("api.openai.com");
        body[if own { "max_completion_tokens" } else { "max_tokens" }] = json!(tokens);
    }
    if stream {
        body["stream"] = json!(true);
        body["stream_options"] = json!({ "include_usage": true });
    }
    if let Some(wanted) = &request.json_schema {
        ask_for_json(&mut body, settings.json_mode, wanted);
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
    let told = Message::system(format!(
        "Answer with one JSON object of this JSON Schema and nothing else:\n{}",
        wanted.schema
    ));
    if let Some(messages) = body["messages"].as_array_mut() {
        messages.push(json!(told));
    }
}

#[derive(Deserialize)]
pub(super) struct Answer {
    model: Option<String>,
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<WireUsage>,
}

#[derive(Deserialize)]
struct Choice {
    message: Said,
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
pub(super) struct Said {
    #[serde(default)]
    pub(super) content: Option<String>,
    #[serde(default)]
    pub(super) refusal: Option<String>,
}

#[derive(Deserialize, Clone, Copy)]
pub(super) struct WireUsage {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

/// One event of a stream.
#[derive(Deserialize)]
pub(super) struct Chunk {
    pub(super) model: Option<String>,
    #[serde(default)]
    pub(super) choices: Vec<ChunkChoice>,
    pub(super) usage: Option<WireUsage>,
    pub(super) error: Option<Value>,
}

#[derive(Deserialize)]
pub(super) struct ChunkChoice {
    #[serde(default)]
    pub(super) delta: Said,
    pub(super) finish_reason: Option<String>,
}

type Parts = (String, FinishReason, Option<Usage>, Option<String>);

impl Answer {
    pub(super) fn into_parts(self) -> Result<Parts, LlmError> {
        let choice = self.choices.into_iter().next();
        let choice = choice.ok_or_else(|| LlmError::Malformed("no choices".to_owned()))?;
        let text = choice.message.content.unwrap_or_default();
        let reason = finish_reason(choice.finish_reason.as_deref());
        let refused = choice.message.refusal.is_some_and(|refusal| !refusal.is_empty());
        if refused || (text.is_empty() && reason == FinishReason::ContentFilter) {
            return Err(LlmError::Refused);
        }
        Ok((text, reason, self.usage.map(Usage::from), self.model))
    }
}

pub(super) fn finish_reason(reason: Option<&str>) -> FinishReason {
    match reason {
        None | Some("stop" | "eos" | "end_turn") => FinishReason::Stop,
        Some("length" | "max_tokens") => FinishReason::Length,
        Some("content_filter") => FinishReason::ContentFilter,
        Some(_) => FinishReason::Other,
    }
}

impl From<WireUsage> for Usage {
    fn from(usage: WireUsage) -> Self {
        Self { input_tokens: usage.prompt_tokens, output_tokens: usage.completion_tokens, estimated: false }
    }
}
