//! Counters of failures that lock for a while, and for longer each time: what keeps guessing slow.
//!
//! A counter that reaches its threshold locks. What fails while it is locked does not count, so that nobody can be
//! kept out for ever by somebody who goes on. Counters are shared by all replicas and outlive a restart. Without Redis
//! each process goes on from what it heard last, by the same rules.

pub(crate) mod local;
mod state;

use std::sync::LazyLock;
use std::time::Duration;

use deadpool_redis::redis::Script;

use crate::{Kv, KvError};
use state::State;

static READ: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lockout/read.lua")));
static FAIL: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lockout/fail.lua")));
static CLEAR: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lockout/clear.lua")));

/// When failures lock, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockoutPolicy {
    /// How many failures lock for the first time.
    pub failures: u32,
    /// How many lock once more after that.
    pub again: u32,
    /// How long the first lock holds. Each further one holds twice as long as the one before.
    pub first: Duration,
    /// The longest that one holds.
    pub longest: Duration,
    /// After how long without a failure all is forgotten.
    pub forget: Duration,
}

/// One counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Whose failures, such as `source:203.0.113.0/24`.
    pub key: String,
    /// By which rules.
    pub policy: LockoutPolicy,
}

/// What a failure did to a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failed {
    /// How long it is locked from now on; zero when it is not.
    pub locked_for: Duration,
    /// Whether this failure locked it.
    pub began: bool,
}

impl Kv {
    /// Whether one of the counters is locked. `group` names what they have in common: in a cluster they lie on one node.
    pub async fn is_locked(&self, group: &str, counters: &[Counter]) -> bool {
        let now = self.0.clock.now().timestamp_millis();
        match self.states(group, counters).await {
            Ok(states) => {
                self.0.lockouts.heard(self.lockout_keys(group, counters), &states);
                states.iter().any(|state| state.is_locked(now))
            }
            Err(error) => {
                tracing::debug!(%error, "asking the counters of this process");
                self.0.lockouts.is_locked(&self.lockout_keys(group, counters), now)
            }
        }
    }

    /// Counts a failure.
    pub async fn count_failure(&self, group: &str, counters: &[Counter]) -> Vec<Failed> {
        let now = self.0.clock.now().timestamp_millis();
        let keys = self.lockout_keys(group, counters);
        let states = match self.fail_shared(&keys, counters, now).await {
            Ok(states) => {
                self.0.lockouts.heard(keys, &states);
                states
            }
            Err(error) => {
                tracing::debug!(%error, "counting a failure in this process");
                self.0.lockouts.fail(&keys, counters, now)
            }
        };
        states.iter().map(|state| state.outcome(now)).collect()
    }

    /// Forgets the failures, after a success.
    pub async fn forget_failures(&self, group: &str, counters: &[Counter]) {
        let keys = self.lockout_keys(group, counters);
        self.0.lockouts.forget(&keys);
        let mut call = CLEAR.prepare_invoke();
        for key in &keys {
            call.key(key);
        }
        let cleared = self.0.link.run(async |connection| call.invoke_async::<()>(connection).await).await;
        if let Err(error) = cleared {
            tracing::debug!(%error, "failures are forgotten in this process only");
        }
    }

    async fn states(&self, group: &str, counters: &[Counter]) -> Result<Vec<State>, KvError> {
        let mut call = READ.prepare_invoke();
        for key in self.lockout_keys(group, counters) {
            call.key(key);
        }
        let flat: Vec<i64> = self.0.link.run(async |connection| call.invoke_async(connection).await).await?;
        Ok(State::unflatten(&flat))
    }

    async fn fail_shared(
        &self,
        keys: &[String],
        counters: &[Counter],
        now: i64,
    ) -> Result<Vec<State>, KvError> {
        let mut call = FAIL.prepare_invoke();
        call.arg(now);
        for (key, Counter { policy, .. }) in keys.iter().zip(counters) {
            call.key(key).arg(policy.failures).arg(policy.again);
            call.arg(millis(policy.first)).arg(millis(policy.longest)).arg(millis(policy.forget));
        }
        let flat: Vec<i64> = self.0.link.run(async |connection| call.invoke_async(connection).await).await?;
        Ok(State::unflatten(&flat))
    }

    fn lockout_keys(&self, group: &str, counters: &[Counter]) -> Vec<String> {
        counters.iter().map(|counter| self.key(group, &format!("lockout:{}", counter.key))).collect()
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
