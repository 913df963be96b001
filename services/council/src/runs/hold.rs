//! The runs that this process carries.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use witan_ids::RunId;
use witan_llm::CancellationToken;

/// All of them. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Holds(Arc<Mutex<HashMap<RunId, CancellationToken>>>);

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
        self.runs().insert(id, lost.clone());
        Hold { holds: self.clone(), id, lost }
    }

    /// Which they are.
    pub(crate) fn ids(&self) -> Vec<RunId> {
        self.runs().keys().copied().collect()
    }

    /// Somebody else has it.
    pub(crate) fn lose(&self, id: RunId) {
        if let Some(lost) = self.runs().get(&id) {
            lost.cancel();
        }
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<RunId, CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.holds.runs().remove(&self.id);
    }
}
