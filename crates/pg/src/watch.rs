use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent};

use crate::error::{is_lost, is_retryable};

const FAILED: u8 = 1;
const RETRYABLE: u8 = 2;
const ANSWERED: u8 = 4;
const LOST: u8 = 8;

/// Sees every error of a transaction, whatever the caller's closure makes of it.
#[derive(Clone, Default)]
pub(crate) struct Watch(Arc<AtomicU8>);

impl Watch {
    /// Whether a statement failed, so that the transaction may be aborted on the server.
    pub(crate) fn failed(&self) -> bool {
        self.0.load(Ordering::Relaxed) & FAILED != 0
    }

    /// Whether it may simply be run again: it lost against another transaction, or the connection was dead before anything was answered.
    pub(crate) fn retryable(&self) -> bool {
        let seen = self.0.load(Ordering::Relaxed);
        seen & RETRYABLE != 0 || seen & (LOST | ANSWERED) == LOST
    }
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::FinishQuery { error, .. } = event {
            let seen = match error {
                None => ANSWERED,
                Some(error) if is_retryable(error) => FAILED | RETRYABLE,
                Some(error) if is_lost(error) => FAILED | LOST,
                Some(_) => FAILED,
            };
            self.0.fetch_or(seen, Ordering::Relaxed);
        }
    }
}
