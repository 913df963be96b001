//! Models behind HTTP. What differs from API to API is a [`Dialect`]; how one asks, reads, waits and gives up is the same.

mod anthropic;
mod fault;
mod gemini;
mod openai;
mod reading;
mod sse;
mod sum;

use async_trait::async_trait;
use http::header::ACCEPT;
use http::{HeaderName, HeaderValue, StatusCode};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use url::Url;
use witan_egress::{Guarded, Outgoing};

use self::sum::{Step, Sum};
use crate::config::Limits;
use crate::model::{Backend, Remote};
use crate::provider::Asking;
use crate::{ChatRequest, ChatStream, Completion, FinishReason, LlmError, ModelInfo, Provider};

/// Of an answer that comes in one piece.
const MAX_ANSWER: usize = 8 * 1024 * 1024;
/// Of a stream, in which every token wears a few hundred bytes of JSON.
const MAX_STREAM: usize = 64 * 1024 * 1024;
const MAX_FAULT: usize = 16 * 1024;

/// The APIs that are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Chat completions, as OpenAI, Groq, Mistral, Hugging Face, Ollama and vLLM serve them.
    OpenAi,
    /// Anthropic's Messages.
    Anthropic,
    /// Google's `generateContent`.
    Gemini,
}

/// One such API.
trait Dialect: Send + Sync {
    /// Where a question goes, and its body.
    fn question(&self, question: Question<'_>) -> Result<(Url, Value), LlmError>;

    /// The header in which a key travels, its value, and what else must be there.
    fn headers(&self, key: Option<&str>) -> Vec<(&'static str, String)>;

    /// Takes a whole answer in.
    fn answer(&self, body: &[u8], sum: &mut Sum) -> Result<(), LlmError>;

    /// Takes one event of a stream in.
    fn event(&self, data: &str, sum: &mut Sum) -> Result<Step, LlmError>;
}

/// What a dialect makes a request of.
#[derive(Clone, Copy)]
struct Question<'a> {
    model: &'a ModelInfo,
    remote: &'a Remote,
    request: &'a ChatRequest,
    stream: bool,
}

impl Question<'_> {
    /// The temperature, if the model can be told one. As a 32-bit float it would be sent as 0.699999988.
    fn temperature(&self) -> Option<f64> {
        let wanted = self.request.temperature.filter(|_| !self.remote.fixed_temperature);
        wanted.map(|temperature| (f64::from(temperature) * 1e4).round() / 1e4)
    }

    /// The base URL with these segments behind it.
    fn url<'s>(&self, segments: impl IntoIterator<Item = &'s str>) -> Result<Url, LlmError> {
        let mut url = self.remote.base_url.clone();
        url.path_segments_mut()
            .map_err(|()| LlmError::BadRequest("the base URL cannot have a path".to_owned()))?
            .pop_if_empty()
            .extend(segments);
        Ok(url)
    }
}

impl Kind {
    fn dialect(self) -> &'static dyn Dialect {
        match self {
            Self::OpenAi => &openai::OpenAi,
            Self::Anthropic => &anthropic::Anthropic,
            Self::Gemini => &gemini::Gemini,
        }
    }
}

/// The provider.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    egress: Guarded,
    limits: Limits,
}

impl Http {
    pub(crate) fn new(egress: Guarded, limits: Limits) -> Self {
        Self { egress, limits }
    }
}

#[async_trait]
impl Provider for Http {
    async fn complete(&self, asking: Asking<'_>) -> Result<Completion, LlmError> {
        let began = Instant::now();
        let remote = remote(asking.model)?;
        let outgoing = outgoing(asking, remote, false)?.max_response_bytes(MAX_ANSWER);
        let answer = self.egress.send(outgoing).await.map_err(fault::of_egress)?;
        if answer.status != StatusCode::OK {
            return Err(fault::of_answer(&asking.model.name, answer.status, &answer.headers, &answer.body));
        }
        if answer.truncated {
            return Err(LlmError::Malformed("the answer is too large".to_owned()));
        }
        let mut sum = Sum::of(asking.model);
        remote.kind.dialect().answer(&answer.body, &mut sum)?;
        // That the body was whole says as much as a reason would.
        sum.finish_reason.get_or_insert(FinishReason::Stop);
        sum.finish(&asking.request.messages, began)
    }

    async fn stream(&self, asking: Asking<'_>) -> Result<ChatStream, LlmError> {
        let began = Instant::now();
        let remote = remote(asking.model)?;
        let outgoing = outgoing(asking, remote, true)?
            .header(ACCEPT, HeaderValue::from_static("text/event-stream"))
            .max_response_bytes(MAX_STREAM);
        let opened = timeout_at(began + self.limits.first_token, self.egress.stream(outgoing)).await;
        let answer = opened.map_err(|_| LlmError::Timeout)?.map_err(fault::of_egress)?;
        if answer.status != StatusCode::OK {
            let (status, headers) = (answer.status, answer.headers.clone());
            let body = answer.read_some(MAX_FAULT).await;
            return Err(fault::of_answer(&asking.model.name, status, &headers, &body));
        }
        let sum = Sum::of(asking.model);
        let messages = asking.request.messages.clone();
        Ok(reading::stream(answer, remote.kind.dialect(), sum, messages, began, self.limits))
    }
}

fn outgoing(asking: Asking<'_>, remote: &Remote, stream: bool) -> Result<Outgoing, LlmError> {
    let dialect = remote.kind.dialect();
    let question = Question { model: asking.model, remote, request: asking.request, stream };
    let (url, body) = dialect.question(question)?;
    let mut outgoing = Outgoing::post_json(url, body.to_string())
        .timeout(asking.deadline.saturating_duration_since(Instant::now()))
        .peer("model provider");
    let key = asking.key.or(remote.api_key.as_ref()).map(ExposeSecret::expose_secret);
    for (name, value) in dialect.headers(key) {
        let mut value = HeaderValue::try_from(value).map_err(|_| LlmError::Auth)?;
        value.set_sensitive(true);
        outgoing = outgoing.header(HeaderName::from_static(name), value);
    }
    Ok(outgoing)
}

fn remote(model: &ModelInfo) -> Result<&Remote, LlmError> {
    match &model.backend {
        Backend::Remote(remote) => Ok(remote),
        Backend::Sim(_) => Err(LlmError::BadRequest("not a model of a provider".to_owned())),
    }
}

/// What models that know no better way are told of the JSON that is wanted.
fn told(schema: &Value) -> String {
    format!("Answer with one JSON object of this JSON Schema and nothing else:\n{schema}")
}
