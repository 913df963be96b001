use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast;
use tokio::time::Instant;

/// How long a model that its provider did not know is not asked again.
const REMEMBERED: Duration = Duration::from_secs(3600);
/// Of what is remembered by owner.
const MOST: usize = 10_000;
const WAITING: usize = 64;

/// A model that was asked and is not there any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoneModel {
    /// Its id.
    pub model: String,
    /// Who answers in its place, if somebody does.
    pub replacement: Option<String>,
}

/// Which models have turned out to be gone.
pub(super) struct Gone {
    known: Mutex<Known>,
    told: broadcast::Sender<GoneModel>,
}

#[derive(Default)]
struct Known {
    /// Until when, by the owner of the key: some models are there for some accounts only.
    until: HashMap<(Option<String>, String), Instant>,
    told: HashSet<String>,
}

impl Gone {
    pub(super) fn new() -> Self {
        Self { known: Mutex::default(), told: broadcast::Sender::new(WAITING) }
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<GoneModel> {
        self.told.subscribe()
    }

    /// Whether a model was found to be gone a while ago.
    pub(super) fn is_known(&self, owner: Option<&str>, model: &str) -> bool {
        let key = (owner.map(str::to_owned), model.to_owned());
        self.lock().until.get(&key).is_some_and(|until| Instant::now() < *until)
    }

    /// Remembers that a model did not answer to its name.
    pub(super) fn found(&self, owner: Option<&str>, model: &str) {
        let (mut known, now) = (self.lock(), Instant::now());
        if known.until.len() >= MOST {
            known.until.retain(|_, until| now < *until);
        }
        if known.until.len() < MOST {
            known.until.insert((owner.map(str::to_owned), model.to_owned()), now + REMEMBERED);
        }
    }

    /// Tells whoever listens, once for each model.
    pub(super) fn tell(&self, gone: GoneModel) {
        if self.lock().told.insert(gone.model.clone()) {
            tracing::warn!(model = gone.model, replacement = gone.replacement, "a model is gone");
            // Nobody has to listen.
            let _ = self.told.send(gone);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
