//! The runs that this process carries.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use witan_ids::RunId;
use witan_llm::CancellationToken;

use crate::domain::budget::{Budget, Take};

/// All of them. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Holds(Arc<Mutex<HashMap<RunId, Held>>>);

#[derive(Debug)]
struct Held {
    lost: CancellationToken,
    /// Once it is known.
    budget: Option<Budget>,
}

/// Keeps a run among those that are carried, until it is dropped.
#[derive(Debug)]
pub(crate) struct Hold {
    holds: Holds,
    id: RunId,
    /// Fires when another process has the run.
    pub(crate) lost: CancellationToken,
}

impl Holds {
    pub(crate) fn hold(&self, id: RunId) -> Hold {
        let lost = CancellationToken::new();
        self.runs().insert(id, Held { lost: lost.clone(), budget: None });
        Hold { holds: self.clone(), id, lost }
    }

    /// Which they are.
    pub(crate) fn ids(&self) -> Vec<RunId> {
        self.runs().keys().copied().collect()
    }

    /// Somebody else has it.
    pub(crate) fn lose(&self, id: RunId) {
        if let Some(held) = self.runs().get(&id) {
            held.lost.cancel();
        }
    }

    /// Runs that it started have taken so much of its budget, or may take it yet.
    pub(crate) fn draw(&self, id: RunId, drawn: Take) {
        if let Some(budget) = self.runs().get(&id).and_then(|held| held.budget.as_ref()) {
            budget.draw(drawn);
        }
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<RunId, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hold {
    /// What the run may take.
    pub(crate) fn allow(&self, budget: Budget) {
        if let Some(held) = self.holds.runs().get_mut(&self.id) {
            held.budget = Some(budget);
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.holds.runs().remove(&self.id);
    }
}
