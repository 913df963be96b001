//! Providers that speak OpenAI's chat completions: OpenAI itself, Groq, Mistral, Hugging Face, Ollama, vLLM and many more.

mod fault;
mod reading;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, StatusCode};
use secrecy::ExposeSecret;
use tokio::time::Instant;
use witan_egress::{Guarded, Outgoing};

use self::wire::Answer;
use crate::model::{Backend, OpenAiSettings};
use crate::{ChatRequest, ChatStream, Completion, LlmError, ModelInfo, Provider, Usage};

/// Of an answer or a whole stream; the longest answers of today have a tenth of it.
const MAX_ANSWER: usize = 8 * 1024 * 1024;
/// The longest silence in a stream, before its first word included.
const IDLE: Duration = Duration::from_secs(60);
const MAX_FAULT: usize = 16 * 1024;

/// The provider.
#[derive(Debug, Clone)]
pub(crate) struct OpenAi {
    egress: Guarded,
}

impl OpenAi {
    pub(crate) fn new(egress: Guarded) -> Self {
        Self { egress }
    }
}

#[async_trait]
impl Provider for OpenAi {
    async fn complete(
        &self,
        model: &ModelInfo,
        request: &ChatRequest,
        deadline: Instant,
    ) -> Result<Completion, LlmError> {
        let began = Instant::now();
        let outgoing = outgoing(model, request, deadline, false)?;
        let answer = self.egress.send(outgoing).await.map_err(fault::of_egress)?;
        if answer.status != StatusCode::OK {
            return Err(fault::of_answer(&model.name, answer.status, &answer.headers, &answer.body));
        }
        if answer.truncated {
            return Err(LlmError::Malformed("the answer is too large".to_owned()));
        }
        let parsed: Answer =
            serde_json::from_slice(&answer.body).map_err(|error| LlmError::Malformed(error.to_string()))?;
        let (text, finish_reason, usage, name) = parsed.into_parts()?;
        Ok(Completion {
            usage: usage.unwrap_or_else(|| Usage::estimate(&request.messages, &text)),
            text,
            finish_reason,
            model: name.unwrap_or_else(|| model.name.clone()),
            time_to_first_token: None,
            latency: began.elapsed(),
        })
    }

    async fn stream(
        &self,
        model: &ModelInfo,
        request: &ChatRequest,
        deadline: Instant,
    ) -> Result<ChatStream, LlmError> {
        let began = Instant::now();
        let outgoing = outgoing(model, request, deadline, true)?.idle(IDLE);
        let answer = self.egress.stream(outgoing).await.map_err(fault::of_egress)?;
        if answer.status != StatusCode::OK {
            let (status, headers) = (answer.status, answer.headers.clone());
            let body = answer.read_some(MAX_FAULT).await;
            return Err(fault::of_answer(&model.name, status, &headers, &body));
        }
        Ok(reading::stream(answer, model.name.clone(), request.messages.clone(), began))
    }
}

fn outgoing(
    model: &ModelInfo,
    request: &ChatRequest,
    deadline: Instant,
    stream: bool,
) -> Result<Outgoing, LlmError> {
    let settings = settings(model)?;
    let mut url = settings.base_url.clone();
    url.path_segments_mut()
        .map_err(|()| LlmError::BadRequest("the base URL cannot have a path".to_owned()))?
        .pop_if_empty()
        .extend(["chat", "completions"]);
    let body = wire::body(model, settings, request, stream);
    let mut outgoing = Outgoing::post_json(url, body.to_string())
        .timeout(deadline.saturating_duration_since(Instant::now()))
        .max_response_bytes(MAX_ANSWER)
        .peer("model provider");
    if stream {
        outgoing = outgoing.header(ACCEPT, HeaderValue::from_static("text/event-stream"));
    }
    if let Some(key) = &settings.api_key {
        let mut value =
            HeaderValue::try_from(format!("Bearer {}", key.expose_secret())).map_err(|_| LlmError::Auth)?;
        value.set_sensitive(true);
        outgoing = outgoing.header(AUTHORIZATION, value);
    }
    Ok(outgoing)
}

fn settings(model: &ModelInfo) -> Result<&OpenAiSettings, LlmError> {
    match &model.backend {
        Backend::OpenAi(settings) => Ok(settings),
        Backend::Sim(_) => Err(LlmError::BadRequest("not a model of this provider".to_owned())),
    }
}
