//! Answers to passwords that take the same time, whatever they are.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// How long after a password was compared it is answered, at the earliest: longer than letting somebody in takes, so that
/// who watches the line cannot tell that from a refusal, and neither from an address without an account.
const FLOOR: Duration = Duration::from_millis(25);

/// When a password was compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compared(Instant);

impl Compared {
    /// At this moment.
    pub(super) fn now() -> Self {
        Self(Instant::now())
    }

    /// Waits until it may be answered.
    pub(crate) async fn settle(self) {
        sleep_until(self.0 + FLOOR).await;
    }
}
