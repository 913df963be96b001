//! When jobs that this process has put off are due, so that they need not wait for the next look at the table.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// What is due at about the same time is begun together.
const STEP: Duration = Duration::from_millis(20);
/// What is due later than this is found by looking.
const HORIZON: Duration = Duration::from_secs(30);

/// Times of this process, a step apart at least.
#[derive(Debug)]
pub(crate) struct Due {
    since: Instant,
    steps: Mutex<BTreeSet<u64>>,
    changed: Notify,
}

impl Due {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), steps: Mutex::default(), changed: Notify::new() }
    }

    /// Notes that a job is due after so long.
    pub(crate) fn add(&self, after: Duration) {
        if after <= HORIZON {
            self.steps().insert(self.step_at(Instant::now() + after) + 1);
            self.changed.notify_one();
        }
    }

    /// Returns when something is due, and forgets that.
    pub(crate) async fn reached(&self) {
        loop {
            let first = self.steps().first().copied();
            let now = self.step_at(Instant::now());
            match first {
                Some(first) if first <= now => {
                    self.steps().retain(|step| *step > now);
                    return;
                }
                Some(first) => {
                    let at = self.since + STEP * u32::try_from(first).unwrap_or(u32::MAX);
                    tokio::select! {
                        () = sleep_until(at) => {}
                        () = self.changed.notified() => {}
                    }
                }
                None => self.changed.notified().await,
            }
        }
    }

    fn step_at(&self, at: Instant) -> u64 {
        let step = (at - self.since).as_millis() / STEP.as_millis();
        u64::try_from(step).unwrap_or(u64::MAX)
    }

    fn steps(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn wakes_when_something_is_due_and_no_sooner() {
        let (due, began) = (Due::new(), Instant::now());
        due.add(Duration::from_secs(5));
        let sooner = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            due.add(Duration::from_millis(200));
            due.add(Duration::from_millis(201));
        };
        tokio::join!(due.reached(), sooner);
        let first = began.elapsed();
        assert!((300..=320).contains(&first.as_millis()), "{first:?}");
        due.reached().await;
        let second = began.elapsed();
        assert!((5000..=5020).contains(&second.as_millis()), "{second:?}");
        due.add(HORIZON * 2);
        let never = tokio::time::timeout(HORIZON * 3, due.reached()).await;
        assert!(never.is_err(), "what is far away is found by looking");
    }
}
