use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent};

use crate::error::is_retryable;

const FAILED: u8 = 1;
const RETRYABLE: u8 = 2;

/// Sees every error of a transaction, whatever the caller's closure makes of it.
#[derive(Clone, Default)]
pub(crate) struct Watch(Arc<AtomicU8>);

impl Watch {
    /// Whether a statement failed, so that the transaction may be aborted on the server.
    pub(crate) fn failed(&self) -> bool {
        self.0.load(Ordering::Relaxed) & FAILED != 0
    }

    /// Whether it lost against another transaction and may simply be run again.
    pub(crate) fn retryable(&self) -> bool {
        self.0.load(Ordering::Relaxed) & RETRYABLE != 0
    }
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::FinishQuery { error: Some(error), .. } = event {
            let seen = if is_retryable(error) { FAILED | RETRYABLE } else { FAILED };
            self.0.fetch_or(seen, Ordering::Relaxed);
        }
    }
}
