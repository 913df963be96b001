mod call;
mod gone;
mod observe;
mod route;
mod watch;

use std::sync::Arc;

use tokio::sync::broadcast;
use tracing::Instrument as _;
use witan_clock::Clock;
use witan_egress::Egress;
use witan_kv::breaker::Permit;
use witan_kv::{Breaker, BreakerPolicy, Kv};

pub use self::call::Call;
use self::gone::Gone;
pub use self::gone::GoneModel;
use self::observe::Observed;
use self::route::Route;
use self::watch::Watch;
use crate::model::Backend;
use crate::remote::Http;
use crate::sim::Sim;
use crate::{Asking, ChatRequest, ChatStream, Completion, LlmError, ModelInfo, ModelsConfig, Provider};

/// Every model that can be asked, each behind its circuit breaker, span and metrics. Cheap to clone.
#[derive(Clone)]
pub struct Models(Arc<Shared>);

struct Shared {
    models: Vec<ModelInfo>,
    clock: Clock,
    kv: Option<Kv>,
    gone: Gone,
    sim: Sim,
    http: Http,
}

impl Models {
    /// The models of the settings. With `kv`, five failures in a row leave a model alone for five minutes, across
    /// replicas.
    pub fn new(config: &ModelsConfig, egress: &Egress, clock: &Clock, kv: Option<&Kv>) -> Self {
        Self(Arc::new(Shared {
            models: config.models.clone(),
            clock: clock.clone(),
            kv: kv.cloned(),
            gone: Gone::new(),
            sim: Sim,
            http: Http::new(egress.guarded(), config.limits),
        }))
    }

    /// Every model of the registry, also such as nobody has a key for, in the order of the settings.
    pub fn list(&self) -> &[ModelInfo] {
        &self.0.models
    }

    /// The model with this id.
    pub fn get(&self, id: &str) -> Option<&ModelInfo> {
        self.0.models.iter().find(|model| model.id == id)
    }

    /// The first model that is not simulated, else the first: what answers where nobody chose.
    pub fn default_model(&self) -> Option<&ModelInfo> {
        let mut usable = self.0.models.iter().filter(|model| model.is_usable());
        let first = usable.clone().next();
        usable.find(|model| !model.is_simulated()).or(first)
    }

    /// Models that turn out to be gone from now on, each once.
    pub fn gone(&self) -> broadcast::Receiver<GoneModel> {
        self.0.gone.subscribe()
    }

    /// Asks, and waits for the whole answer. A model that is gone is replaced as the registry says.
    ///
    /// # Errors
    /// Why there is none. [`LlmError::ModelGone`] also for an id that is not in the registry, [`LlmError::Auth`] also
    /// when there is no key.
    pub async fn complete(&self, request: &ChatRequest, call: &Call) -> Result<Completion, LlmError> {
        let mut route = Route::of(self, &request.model, call);
        let mut model = route.first()?;
        loop {
            match self.complete_by(model, request, call).await {
                Err(gone @ LlmError::ModelGone { .. }) => model = route.after(model).ok_or(gone)?,
                answer => {
                    let replaced = route.replaced(model);
                    return answer.map(|completion| Completion { replaced, ..completion });
                }
            }
        }
    }

    /// Asks, and hands the answer on as it comes. A model that is gone is replaced as the registry says.
    ///
    /// # Errors
    /// Why there is no answer at all; what happens after the first headers is the stream's.
    pub async fn stream(&self, request: &ChatRequest, call: &Call) -> Result<ChatStream, LlmError> {
        let mut route = Route::of(self, &request.model, call);
        let mut model = route.first()?;
        loop {
            match self.stream_by(model, request, call).await {
                Err(gone @ LlmError::ModelGone { .. }) => model = route.after(model).ok_or(gone)?,
                Ok(watch) => {
                    let replaced = route.replaced(model);
                    return Ok(Watch { replaced, ..watch }.into_stream());
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn complete_by(
        &self,
        model: &ModelInfo,
        request: &ChatRequest,
        call: &Call,
    ) -> Result<Completion, LlmError> {
        let observed = Observed::begin(model, request);
        let breaker = self.breaker(model, call);
        let work = async {
            let permit = permit(breaker.as_ref()).await?;
            let asking = asking(model, request, call);
            let answer = call.limit(self.provider(model).complete(asking)).await;
            report(permit, answer.as_ref().err()).await;
            answer
        };
        let answer = work.instrument(observed.span().clone()).await;
        observed.end(model, &answer);
        answer
    }

    async fn stream_by(
        &self,
        model: &ModelInfo,
        request: &ChatRequest,
        call: &Call,
    ) -> Result<Watch, LlmError> {
        let observed = Observed::begin(model, request);
        let breaker = self.breaker(model, call);
        let work = async {
            let permit = permit(breaker.as_ref()).await?;
            let asking = asking(model, request, call);
            let opened = call.limit(self.provider(model).stream(asking)).await;
            if let Err(error) = &opened {
                report(permit, Some(error)).await;
            }
            opened
        };
        match work.instrument(observed.span().clone()).await {
            Ok(stream) => {
                let (model, call) = (model.clone(), call.clone());
                Ok(Watch { stream, model, replaced: None, call, breaker, observed: Some(observed) })
            }
            Err(error) => {
                observed.end(model, &Err(error.clone()));
                Err(error)
            }
        }
    }

    fn provider(&self, model: &ModelInfo) -> &dyn Provider {
        match model.backend {
            Backend::Sim(_) => &self.0.sim,
            Backend::Remote(_) => &self.0.http,
        }
    }

    /// The model's, or for calls with a key of the caller's own theirs.
    fn breaker(&self, model: &ModelInfo, call: &Call) -> Option<Breaker> {
        let name = match call.key(model) {
            Some((owner, _)) => format!("llm:{owner}:{}", model.id),
            None => format!("llm:{}", model.id),
        };
        self.0.kv.as_ref().map(|kv| kv.breaker(&name, BreakerPolicy::default()))
    }
}

fn asking<'a>(model: &'a ModelInfo, request: &'a ChatRequest, call: &'a Call) -> Asking<'a> {
    Asking { model, request, key: call.key(model).map(|(_, key)| key), deadline: call.deadline }
}

async fn permit(breaker: Option<&Breaker>) -> Result<Option<Permit<'_>>, LlmError> {
    let Some(breaker) = breaker else { return Ok(None) };
    let permit = breaker.acquire().await;
    permit.map(Some).map_err(|open| LlmError::Open { retry_after: open.retry_after })
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
