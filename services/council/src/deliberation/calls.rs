//! The one way from a deliberation to a model.
//!
//! A call has a key that is the same in every attempt to carry the run. One whose end is known from an earlier attempt is
//! not made again; of every other one, whoever listens is told that it began, what came, and how it ended.

use std::collections::HashMap;
use std::sync::Arc;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::mpsc;
use tokio::time::Instant;
use witan_llm::{
    Call, CancellationToken, ChatEvent, ChatRequest, ChatStream, Completion, LlmError, Models, ProviderKeys,
    Usage,
};

use super::progress::Step;
use super::purse::Purse;
use crate::domain::budget::{EXHAUSTED, Take};
use crate::domain::call::{CallKey, Called, Reply};
use crate::domain::outcome::Spent;

/// Tokens that are reserved where a model may write as much as it likes.
const UNLIMITED: u32 = 4_096;

/// The calls of one run.
pub struct Calls {
    models: Models,
    cancel: CancellationToken,
    seed: [u8; 32],
    known: HashMap<CallKey, Called>,
    keys: Option<Arc<ProviderKeys>>,
    purse: Option<Arc<dyn Purse>>,
    until: Option<Instant>,
    steps: Option<mpsc::UnboundedSender<Step>>,
}

impl Calls {
    /// Calls of a run that has just begun. Everything that a run decides by chance follows from its `seed`.
    pub fn new(models: Models, seed: [u8; 32], cancel: CancellationToken) -> Self {
        Self {
            models,
            cancel,
            seed,
            known: HashMap::new(),
            keys: None,
            purse: None,
            until: None,
            steps: None,
        }
    }

    /// Calls of a run of which these ends are known.
    #[must_use]
    pub fn resume(mut self, known: HashMap<CallKey, Called>) -> Self {
        self.known = known;
        self
    }

    /// Asks with these keys before the platform's.
    #[must_use]
    pub fn with_keys(mut self, keys: Arc<ProviderKeys>) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Makes no call that this purse does not pay for, and none after this moment.
    #[must_use]
    pub fn within(mut self, purse: Option<Arc<dyn Purse>>, until: Option<Instant>) -> Self {
        (self.purse, self.until) = (purse, until);
        self
    }

    /// Tells this listener what happens. It may fall behind, but not hold up the run.
    #[must_use]
    pub fn tell(mut self, steps: mpsc::UnboundedSender<Step>) -> Self {
        self.steps = Some(steps);
        self
    }

    /// Whether the run was given up.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// The run's chance, from its beginning.
    pub fn rng(&self) -> StdRng {
        StdRng::from_seed(self.seed)
    }

    /// Something happened besides a call.
    pub fn note(&self, step: Step) {
        if let Some(steps) = &self.steps {
            // Whoever listened has gone; the run is still worth finishing.
            let _ = steps.send(step);
        }
    }

    /// Asks a model, unless it was asked before, and says what it took, also when it failed.
    pub async fn ask(&self, key: CallKey, request: &ChatRequest, deadline: Instant) -> Called {
        self.ask_beside(key, request, deadline, &[]).await
    }

    /// The same, but only where there is room in the budget for these others after it.
    pub async fn ask_beside(
        &self,
        key: CallKey,
        request: &ChatRequest,
        deadline: Instant,
        others: &[ChatRequest],
    ) -> Called {
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        // Nobody was asked: there is nothing to tell, and nothing to pay.
        let given_up = || Called { outcome: Err(Called::CANCELLED.to_owned()), spent: Spent::default() };
        if self.is_cancelled() {
            return given_up();
        }
        let model = request.model.clone();
        let late = self.until.is_some_and(|until| Instant::now() >= until);
        let estimate = self.estimate(request);
        let called = match !late && self.reserve(estimate, others).await {
            true if self.is_cancelled() => {
                self.settle(estimate, Take::default()).await;
                return given_up();
            }
            true => {
                self.note(Step::Asked { key, model: model.clone() });
                let deadline = self.until.map_or(deadline, |until| until.min(deadline));
                let called = self.call(key, request, deadline).await;
                self.settle(estimate, Take::of(&called.spent)).await;
                called
            }
            false => Called { outcome: Err(EXHAUSTED.to_owned()), spent: Spent::default() },
        };
        self.note(Step::Ended { key, model, called: called.clone() });
        called
    }

    async fn reserve(&self, estimate: Take, others: &[ChatRequest]) -> bool {
        let Some(purse) = &self.purse else { return true };
        let others = others.iter().map(|other| self.estimate(other));
        purse.reserve(estimate, others.fold(Take::default(), Take::plus)).await
    }

    async fn settle(&self, estimate: Take, took: Take) {
        if let Some(purse) = &self.purse {
            purse.settle(estimate, took).await;
        }
    }

    /// What a call takes if the model writes as much as it may.
    fn estimate(&self, request: &ChatRequest) -> Take {
        let mut usage = Usage::estimate(&request.messages, "");
        usage.output_tokens = u64::from(request.max_tokens.unwrap_or(UNLIMITED));
        let model = self.models.get(&request.model);
        let cost_micros = model.map_or(0, |model| model.cost_micros(usage));
        Take::of(&Spent { usage, cost_micros, ..Spent::default() })
    }

    async fn call(&self, key: CallKey, request: &ChatRequest, deadline: Instant) -> Called {
        let began = Instant::now();
        let call = Call::until(deadline).cancelled_by(&self.cancel);
        let call = match &self.keys {
            Some(keys) => call.with_keys(keys.clone()),
            None => call,
        };
        let mut text = String::new();
        let answer = match self.models.stream(request, &call).await {
            Ok(stream) => self.read(key, stream, &mut text).await,
            Err(error) => Err(error),
        };
        let usage = match &answer {
            Ok(completion) => completion.usage,
            Err(error) if was_read(error) => Usage::estimate(&request.messages, &text),
            Err(_) => Usage::default(),
        };
        // A model that is gone is replaced by another one, with a price of its own.
        let answered_by = answer.as_ref().map_or(&request.model, |completion| &completion.answered_by);
        let cost_micros = self.models.get(answered_by).map_or(0, |model| model.cost_micros(usage));
        let outcome = match answer {
            Ok(completion) => Ok(Reply { text: storable(completion.text), by: completion.model }),
            Err(error) => Err(error.kind().to_owned()),
        };
        Called { outcome, spent: Spent { usage, cost_micros, elapsed: began.elapsed() } }
    }

    async fn read(
        &self,
        key: CallKey,
        mut stream: ChatStream,
        text: &mut String,
    ) -> Result<Completion, LlmError> {
        while let Some(event) = stream.next().await {
            match event? {
                ChatEvent::Text(piece) => {
                    let piece = storable(piece);
                    text.push_str(&piece);
                    self.note(Step::Text { key, text: piece });
                }
                ChatEvent::Done(completion) => return Ok(completion),
            }
        }
        Err(LlmError::BrokenStream { received: text.len() })
    }
}

/// Whether the model was at work when the call ended: providers charge for that.
pub(crate) fn was_read(error: &LlmError) -> bool {
    matches!(error, LlmError::Cancelled | LlmError::Timeout | LlmError::BrokenStream { .. })
}

/// Without the one character that no database stores.
fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text }
}
