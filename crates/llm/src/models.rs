mod observe;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use witan_egress::Egress;
use witan_kv::breaker::Permit;
use witan_kv::{Breaker, BreakerPolicy, Kv};

use self::observe::Observed;
use crate::model::Backend;
use crate::openai::OpenAi;
use crate::sim::Sim;
use crate::{ChatEvent, ChatRequest, ChatStream, Completion, LlmError, ModelInfo, ModelsConfig, Provider};

/// Every model that can be asked, each behind its circuit breaker, span and metrics. Cheap to clone.
#[derive(Clone)]
pub struct Models(Arc<Shared>);

struct Shared {
    models: Vec<ModelInfo>,
    breakers: HashMap<String, Breaker>,
    sim: Sim,
    openai: OpenAi,
}

/// What ends a call before its answer does.
#[derive(Debug, Clone)]
pub struct Call {
    /// Fires when the caller gives up; the provider's connection is closed at once.
    pub cancel: CancellationToken,
    /// When the answer must be complete.
    pub deadline: Instant,
}

impl Call {
    /// A call that may take this long.
    pub fn within(timeout: Duration) -> Self {
        Self { cancel: CancellationToken::new(), deadline: Instant::now() + timeout }
    }

    /// The same call, given up when `cancel` fires.
    #[must_use]
    pub fn cancelled_by(mut self, cancel: &CancellationToken) -> Self {
        self.cancel = cancel.clone();
        self
    }

    async fn limit<T>(&self, work: impl Future<Output = Result<T, LlmError>>) -> Result<T, LlmError> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(LlmError::Cancelled),
            answer = tokio::time::timeout_at(self.deadline, work) => answer.unwrap_or(Err(LlmError::Timeout)),
        }
    }
}

impl Models {
    /// The models of the settings. With `kv`, five failures in a row leave a model alone for five minutes, across
    /// replicas.
    pub fn new(config: &ModelsConfig, egress: &Egress, kv: Option<&Kv>) -> Self {
        let models = config.models.clone();
        let breaker = |kv: &Kv, id: &str| kv.breaker(&format!("llm:{id}"), BreakerPolicy::default());
        let breakers =
            kv.map(|kv| models.iter().map(|model| (model.id.clone(), breaker(kv, &model.id))).collect());
        let breakers = breakers.unwrap_or_default();
        Self(Arc::new(Shared { models, breakers, sim: Sim, openai: OpenAi::new(egress.guarded()) }))
    }

    /// Every model, in the order of the settings.
    pub fn list(&self) -> &[ModelInfo] {
        &self.0.models
    }

    /// The model with this id.
    pub fn get(&self, id: &str) -> Option<&ModelInfo> {
        self.0.models.iter().find(|model| model.id == id)
    }

    /// The first model that is not simulated, else the first: what answers where nobody chose.
    pub fn default_model(&self) -> Option<&ModelInfo> {
        self.0.models.iter().find(|model| !model.is_simulated()).or(self.0.models.first())
    }

    /// Asks, and waits for the whole answer.
    ///
    /// # Errors
    /// Why there is none. [`LlmError::ModelGone`] also for an id that is not in the registry.
    pub async fn complete(&self, request: &ChatRequest, call: &Call) -> Result<Completion, LlmError> {
        let model = self.model(request)?;
        let observed = Observed::begin(model, request);
        let work = async {
            let permit = self.permit(model).await?;
            let answer = call.limit(self.provider(model).complete(model, request, call.deadline)).await;
            report(permit, answer.as_ref().err()).await;
            answer
        };
        let answer = work.instrument(observed.span().clone()).await;
        observed.end(model, &answer);
        answer
    }

    /// Asks, and hands the answer on as it comes.
    ///
    /// # Errors
    /// Why there is no answer at all; what happens after the first headers is the stream's.
    pub async fn stream(&self, request: &ChatRequest, call: &Call) -> Result<ChatStream, LlmError> {
        let model = self.model(request)?;
        let observed = Observed::begin(model, request);
        let work = async {
            let permit = self.permit(model).await?;
            let opened = call.limit(self.provider(model).stream(model, request, call.deadline)).await;
            if let Err(error) = &opened {
                report(permit, Some(error)).await;
            }
            opened
        };
        match work.instrument(observed.span().clone()).await {
            Ok(stream) => Ok(self.watched(stream, model.id.clone(), call.clone(), observed)),
            Err(error) => {
                observed.end(model, &Err(error.clone()));
                Err(error)
            }
        }
    }

    /// A stream that keeps to its deadline and tells span, metrics and breaker how it ended.
    fn watched(&self, stream: ChatStream, id: String, call: Call, observed: Observed) -> ChatStream {
        let watch = Watch { models: self.clone(), id, stream, call, observed: Some(observed) };
        ChatStream::new(stream::unfold(watch, |mut watch| async move {
            let event = watch.next().await?;
            Some((event, watch))
        }))
    }

    fn model(&self, request: &ChatRequest) -> Result<&ModelInfo, LlmError> {
        self.get(&request.model).ok_or_else(|| LlmError::ModelGone { model: request.model.clone() })
    }

    fn provider(&self, model: &ModelInfo) -> &dyn Provider {
        match model.backend {
            Backend::Sim(_) => &self.0.sim,
            Backend::OpenAi(_) => &self.0.openai,
        }
    }

    async fn permit(&self, model: &ModelInfo) -> Result<Option<Permit<'_>>, LlmError> {
        let Some(breaker) = self.0.breakers.get(&model.id) else { return Ok(None) };
        let permit = breaker.acquire().await;
        permit.map(Some).map_err(|open| LlmError::Open { retry_after: open.retry_after })
    }
}

async fn report(permit: Option<Permit<'_>>, error: Option<&LlmError>) {
    let Some(permit) = permit else { return };
    match verdict(error) {
        Some(true) => permit.success().await,
        Some(false) => permit.failure().await,
        None => {}
    }
}

/// What a call's end says of the provider. A rate limit or a caller who gave up says nothing.
fn verdict(error: Option<&LlmError>) -> Option<bool> {
    match error {
        None => Some(true),
        Some(error) if error.blames_provider() => Some(false),
        Some(error) if error.proves_alive() => Some(true),
        Some(_) => None,
    }
}

struct Watch {
    models: Models,
    id: String,
    stream: ChatStream,
    call: Call,
    observed: Option<Observed>,
}

impl Watch {
    async fn next(&mut self) -> Option<Result<ChatEvent, LlmError>> {
        let observed = self.observed.as_mut()?;
        let stream = &mut self.stream;
        let next = async { stream.next().await.unwrap_or(Err(LlmError::BrokenStream { received: 0 })) };
        let event = self.call.limit(next).instrument(observed.span().clone()).await;
        match &event {
            Ok(ChatEvent::Text(_)) => observed.text(),
            Ok(ChatEvent::Done(completion)) => self.end(Ok(completion.clone())).await,
            Err(error) => self.end(Err(error.clone())).await,
        }
        Some(event)
    }

    async fn end(&mut self, answer: Result<Completion, LlmError>) {
        if let (Some(observed), Some(model)) = (self.observed.take(), self.models.get(&self.id)) {
            observed.end(model, &answer);
        }
        let breaker = self.models.0.breakers.get(&self.id);
        if let (Some(breaker), Some(succeeded)) = (breaker, verdict(answer.as_ref().err())) {
            breaker.report(succeeded).await;
        }
    }
}
