//! Whether what is decided in memory is still true.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// How long a process that just started is waited for.
const FIRST: Duration = Duration::from_secs(2);

/// When the state in memory was last known to be complete. Clones share it.
#[derive(Debug, Clone)]
pub struct Freshness {
    state: Arc<watch::Sender<State>>,
    limit: Duration,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Nothing was ever heard.
    Unknown,
    /// Every change arrives as it happens.
    Following,
    /// It was complete then.
    Confirmed(Instant),
}

impl Freshness {
    /// Nothing is known yet; later, what was confirmed longer ago than `limit` is stale.
    pub fn new(limit: Duration) -> Self {
        Self { state: Arc::new(watch::Sender::new(State::Unknown)), limit }
    }

    /// From now on every change arrives, and none was missed.
    pub fn following(&self) {
        self.state.send_replace(State::Following);
    }

    /// Changes do not arrive any longer.
    pub fn lost(&self) {
        self.state.send_if_modified(|state| {
            let following = matches!(state, State::Following);
            if following {
                *state = State::Confirmed(Instant::now());
            }
            following
        });
    }

    /// Everything is known as of now.
    pub fn confirmed(&self) {
        self.state.send_if_modified(|state| {
            let behind = !matches!(state, State::Following);
            if behind {
                *state = State::Confirmed(Instant::now());
            }
            behind
        });
    }

    /// Whether every change arrives as it happens.
    pub fn is_following(&self) -> bool {
        matches!(*self.state.borrow(), State::Following)
    }

    /// Whether the state may be relied on.
    pub fn is_fresh(&self) -> bool {
        match *self.state.borrow() {
            State::Unknown => false,
            State::Following => true,
            State::Confirmed(at) => at.elapsed() <= self.limit,
        }
    }

    /// Whether the state may be relied on, once a process that just started has heard something.
    pub async fn is_fresh_soon(&self) -> bool {
        let mut state = self.state.subscribe();
        let heard = state.wait_for(|state| !matches!(state, State::Unknown));
        // Whatever came of waiting, the state says.
        let _ = tokio::time::timeout(FIRST, heard).await;
        self.is_fresh()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn what_is_followed_never_grows_stale() {
        let freshness = Freshness::new(LIMIT);
        freshness.following();
        tokio::time::advance(LIMIT * 10).await;
        assert!(freshness.is_fresh());
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_lost_is_stale_after_a_minute_unless_it_is_confirmed() {
        let freshness = Freshness::new(LIMIT);
        freshness.following();
        freshness.lost();
        tokio::time::advance(LIMIT).await;
        assert!(freshness.is_fresh());
        freshness.confirmed();
        tokio::time::advance(LIMIT).await;
        assert!(freshness.is_fresh());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!freshness.is_fresh() && !freshness.is_fresh_soon().await);
        freshness.following();
        assert!(freshness.is_fresh());
    }

    #[tokio::test(start_paused = true)]
    async fn who_never_heard_anything_knows_nothing_and_is_waited_for_a_moment() {
        let freshness = Freshness::new(LIMIT);
        freshness.lost();
        assert!(!freshness.is_fresh() && !freshness.is_fresh_soon().await);
        let (waiting, told) = (freshness.clone(), freshness.clone());
        let (fresh, ()) = tokio::join!(waiting.is_fresh_soon(), async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            told.confirmed();
        });
        assert!(fresh);
    }
}
