use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A question to a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatRequest {
    /// The model's id in the registry, such as `sim/alpha`.
    pub model: String,
    /// The conversation so far; the last one is usually the user's.
    pub messages: Vec<Message>,
    /// 0 asks for the likeliest words; the provider's default if not said.
    pub temperature: Option<f32>,
    /// The most tokens to write.
    pub max_tokens: Option<u32>,
    /// Asks for JSON of this shape instead of prose. The answer must still be checked: not every model obeys.
    pub json_schema: Option<JsonSchema>,
    /// What the answer is for. Shown in traces and metrics; the simulated provider behaves by it.
    pub purpose: Purpose,
}

impl ChatRequest {
    /// A question with the provider's defaults.
    pub fn new(model: impl Into<String>, purpose: Purpose, messages: Vec<Message>) -> Self {
        Self {
            model: model.into(),
            messages,
            temperature: None,
            max_tokens: None,
            json_schema: None,
            purpose,
        }
    }

    /// Sets the temperature.
    #[must_use]
    pub fn temperature(mut self, temperature: f32) -> Self {
        self.temperature = Some(temperature);
        self
    }

    /// Sets the most tokens to write.
    #[must_use]
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.max_tokens = Some(tokens);
        self
    }

    /// Asks for JSON.
    #[must_use]
    pub fn json(mut self, schema: JsonSchema) -> Self {
        self.json_schema = Some(schema);
        self
    }

    /// The same question to another model.
    #[must_use]
    pub fn to_model(&self, model: &str) -> Self {
        Self { model: model.to_owned(), ..self.clone() }
    }
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// By whom.
    pub role: Role,
    /// What.
    pub content: String,
}

impl Message {
    /// Instructions to the model.
    pub fn system(content: impl Into<String>) -> Self {
        Self { role: Role::System, content: content.into() }
    }

    /// What the user said.
    pub fn user(content: impl Into<String>) -> Self {
        Self { role: Role::User, content: content.into() }
    }

    /// What the model said before.
    pub fn assistant(content: impl Into<String>) -> Self {
        Self { role: Role::Assistant, content: content.into() }
    }
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The operator's instructions.
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
}

/// What an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Purpose {
    /// A turn of a conversation.
    Chat,
    /// A council member's own answer.
    Answer,
    /// A council member's judgement of the answers.
    Critique,
    /// The chair's synthesis.
    Synthesis,
    /// A summary of what was said long ago.
    Summary,
}

impl Purpose {
    /// As shown in traces and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Answer => "answer",
            Self::Critique => "critique",
            Self::Synthesis => "synthesis",
            Self::Summary => "summary",
        }
    }
}

/// The shape of a JSON answer.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonSchema {
    /// A name for the provider: letters, digits, `_` and `-`.
    pub name: &'static str,
    /// A JSON Schema with an object at its root.
    pub schema: Value,
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// The text, or the JSON as text.
    pub text: String,
    /// What it took.
    pub usage: Usage,
    /// Why the model stopped.
    pub finish_reason: FinishReason,
    /// The model that answered, as the provider names it.
    pub model: String,
    /// Its id in the registry.
    pub answered_by: String,
    /// The id that was asked for, where that model is gone and another one answered in its place.
    pub replaced: Option<String>,
    /// From the question to the first token; none when the answer came in one piece.
    pub time_to_first_token: Option<Duration>,
    /// From the question to the end.
    pub latency: Duration,
}

/// Tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Read.
    pub input_tokens: u64,
    /// Written.
    pub output_tokens: u64,
    /// Whether the provider did not say and it was estimated from the length of the texts.
    pub estimated: bool,
}

impl Usage {
    /// An estimate from texts: four bytes to the token, rounded up.
    pub fn estimate(messages: &[Message], answer: &str) -> Self {
        let read: usize = messages.iter().map(|message| message.content.len()).sum();
        Self { input_tokens: tokens(read), output_tokens: tokens(answer.len()), estimated: true }
    }

    /// Both together.
    pub fn total(&self) -> u64 {
        self.input_tokens + self.output_tokens
    }
}

impl std::ops::Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            input_tokens: self.input_tokens + other.input_tokens,
            output_tokens: self.output_tokens + other.output_tokens,
            estimated: self.estimated || other.estimated,
        }
    }
}

fn tokens(bytes: usize) -> u64 {
    bytes.div_ceil(4) as u64
}

/// Why a model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    /// It had said everything.
    Stop,
    /// It reached `max_tokens` or the end of its context.
    Length,
    /// The provider's filter cut it off.
    ContentFilter,
    /// Something else, such as a tool call.
    Other,
}

impl FinishReason {
    /// As OpenAI's API names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ContentFilter => "content_filter",
            Self::Other => "other",
        }
    }
}
