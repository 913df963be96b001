use serde_json::{Value, json};

/// The APIs that an [`Upstream`](super::Upstream) speaks, told apart by the path that is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// OpenAI's chat completions.
    OpenAi,
    /// Anthropic's Messages.
    Anthropic,
    /// Google's `generateContent`.
    Gemini,
}

/// How a stream ends.
#[derive(Clone, Copy)]
pub(super) struct Ending {
    /// Whether the model says why it stopped.
    pub(super) reason: bool,
    /// Whether the provider says that nothing follows.
    pub(super) marker: bool,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::OpenAi, Self::Anthropic, Self::Gemini];

    /// As the settings of models name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
        }
    }

    pub(super) fn of(path: &str) -> Option<Self> {
        match path {
            path if path.ends_with("/chat/completions") => Some(Self::OpenAi),
            path if path.ends_with("/messages") => Some(Self::Anthropic),
            path if path.contains("enerateContent") => Some(Self::Gemini),
            _ => None,
        }
    }

    /// A whole answer; words count as tokens.
    pub(super) fn whole(self, model: &str, text: &str, ending: Ending) -> Value {
        let count = text.split(' ').count();
        match self {
            Self::OpenAi => json!({
                "id": "c-1", "object": "chat.completion", "model": model,
                "choices": [{ "index": 0, "message": { "role": "assistant", "content": text },
                    "finish_reason": ending.reason.then_some("stop") }],
                "usage": { "prompt_tokens": 7, "completion_tokens": count },
            }),
            Self::Anthropic => json!({
                "id": "m-1", "type": "message", "role": "assistant", "model": model,
                "content": [{ "type": "text", "text": text }],
                "stop_reason": ending.reason.then_some("end_turn"),
                "usage": { "input_tokens": 7, "output_tokens": count },
            }),
            Self::Gemini => json!({
                "candidates": [{ "content": { "role": "model", "parts": [{ "text": text }] },
                    "finishReason": ending.reason.then_some("STOP") }],
                "usageMetadata": { "promptTokenCount": 7, "candidatesTokenCount": count },
                "modelVersion": model,
            }),
        }
    }

    /// What comes before the first word.
    pub(super) fn opening(self, model: &str) -> Vec<String> {
        match self {
            Self::OpenAi => vec![event(&json!({
                "model": model, "choices": [{ "index": 0, "delta": { "role": "assistant", "content": "" } }],
            }))],
            Self::Anthropic => vec![
                event(&json!({ "type": "message_start", "message": {
                    "model": model, "content": [], "usage": { "input_tokens": 7, "output_tokens": 1 },
                }})),
                event(&json!({ "type": "content_block_start", "index": 0,
                    "content_block": { "type": "text", "text": "" } })),
                event(&json!({ "type": "ping" })),
            ],
            Self::Gemini => Vec::new(),
        }
    }

    pub(super) fn word(self, word: &str) -> String {
        event(&match self {
            Self::OpenAi => json!({ "choices": [{ "index": 0, "delta": { "content": word } }] }),
            Self::Anthropic => json!({ "type": "content_block_delta", "index": 0,
                "delta": { "type": "text_delta", "text": word } }),
            Self::Gemini => {
                json!({ "candidates": [{ "content": { "role": "model", "parts": [{ "text": word }] } }] })
            }
        })
    }

    pub(super) fn closing(self, count: usize, ending: Ending) -> Vec<String> {
        let mut events = match (self, ending.reason) {
            (Self::OpenAi, true) => vec![
                event(&json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] })),
                event(&json!({ "choices": [], "usage": { "prompt_tokens": 7, "completion_tokens": count } })),
            ],
            (Self::Anthropic, true) => vec![
                event(&json!({ "type": "content_block_stop", "index": 0 })),
                event(&json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" },
                    "usage": { "output_tokens": count } })),
            ],
            (Self::Gemini, true) => vec![event(&json!({
                "candidates": [{ "content": { "role": "model", "parts": [{ "text": "" }] }, "finishReason": "STOP" }],
                "usageMetadata": { "promptTokenCount": 7, "candidatesTokenCount": count },
            }))],
            (_, false) => Vec::new(),
        };
        match (self, ending.marker) {
            (Self::OpenAi, true) => events.push("data: [DONE]\n\n".to_owned()),
            (Self::Anthropic, true) => events.push(event(&json!({ "type": "message_stop" }))),
            _ => {}
        }
        events
    }

    /// The body of an error.
    pub(super) fn fault(self, status: u16) -> Value {
        let word = |openai: &str, anthropic: &str, gemini: &str| match self {
            Self::OpenAi => json!({ "error": { "message": "No.", "type": openai, "code": openai } }),
            Self::Anthropic => json!({ "type": "error", "error": { "type": anthropic, "message": "No." } }),
            Self::Gemini => json!({ "error": { "code": status, "message": "No.", "status": gemini } }),
        };
        match status {
            401 => word("invalid_api_key", "authentication_error", "UNAUTHENTICATED"),
            404 => word("model_not_found", "not_found_error", "NOT_FOUND"),
            429 => word("rate_limit_exceeded", "rate_limit_error", "RESOURCE_EXHAUSTED"),
            529 => word("overloaded", "overloaded_error", "UNAVAILABLE"),
            503 => word("service_unavailable", "api_error", "UNAVAILABLE"),
            _ => word("server_error", "api_error", "INTERNAL"),
        }
    }
}

/// Anthropic names its events in a line of their own, which the others leave out and nobody needs.
fn event(data: &Value) -> String {
    match data["type"].as_str() {
        Some(kind) => format!("event: {kind}\ndata: {data}\n\n"),
        None => format!("data: {data}\n\n"),
    }
}
