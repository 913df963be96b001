//! The one way from a deliberation to a model.
//!
//! A call has a key that is the same in every attempt to carry the run. One whose end is known from an earlier attempt is
//! not made again; of every other one, whoever listens is told that it began, what came, and how it ended.

use std::collections::HashMap;

use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::sync::mpsc;
use tokio::time::Instant;
use witan_llm::{
    Call, CancellationToken, ChatEvent, ChatRequest, ChatStream, Completion, LlmError, Models, Usage,
};

use super::progress::Step;
use crate::domain::call::{CallKey, Called, Reply};
use crate::domain::outcome::Spent;

/// The calls of one run.
pub struct Calls {
    models: Models,
    cancel: CancellationToken,
    seed: [u8; 32],
    known: HashMap<CallKey, Called>,
    steps: Option<mpsc::UnboundedSender<Step>>,
}

impl Calls {
    /// Calls of a run that has just begun. Everything that a run decides by chance follows from its `seed`.
    pub fn new(models: Models, seed: [u8; 32], cancel: CancellationToken) -> Self {
        Self { models, cancel, seed, known: HashMap::new(), steps: None }
    }

    /// Calls of a run of which these ends are known.
    #[must_use]
    pub fn resume(mut self, known: HashMap<CallKey, Called>) -> Self {
        self.known = known;
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
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let model = request.model.clone();
        self.note(Step::Asked { key, model: model.clone() });
        let called = self.call(key, request, deadline).await;
        self.note(Step::Ended { key, model, called: called.clone() });
        called
    }

    async fn call(&self, key: CallKey, request: &ChatRequest, deadline: Instant) -> Called {
        let began = Instant::now();
        let call = Call::until(deadline).cancelled_by(&self.cancel);
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
            Ok(completion) => Ok(Reply { text: completion.text, by: completion.model }),
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
fn was_read(error: &LlmError) -> bool {
    matches!(error, LlmError::Cancelled | LlmError::Timeout | LlmError::BrokenStream { .. })
}
