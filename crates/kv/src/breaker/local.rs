use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use super::{BreakerPolicy, CLOSED, PROBE, millis};

/// How many breakers are kept while Redis is away.
const CAPACITY: usize = 10_000;

/// The same rules, kept in this process while Redis is away.
#[derive(Default)]
pub(crate) struct LocalBreakers(Mutex<HashMap<String, State>>);

#[derive(Default)]
struct State {
    failures: u32,
    open_until: Option<Instant>,
    probe_until: Option<Instant>,
}

impl LocalBreakers {
    /// [`CLOSED`], [`PROBE`], or the milliseconds to wait.
    pub(super) fn acquire(&self, name: &str, policy: &BreakerPolicy) -> i64 {
        let mut breakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(state) = breakers.get_mut(name) else { return CLOSED };
        let Some(open_until) = state.open_until else { return CLOSED };
        let now = Instant::now();
        let closed_until = open_until.max(state.probe_until.unwrap_or(open_until));
        if now < closed_until {
            return millis(closed_until - now).max(1);
        }
        state.probe_until = Some(now + policy.probe_for);
        PROBE
    }

    pub(super) fn report(&self, name: &str, policy: &BreakerPolicy, succeeded: bool) {
        let mut breakers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if succeeded {
            let still_open = |state: &State| state.open_until.is_some_and(|until| now < until);
            if breakers.get(name).is_some_and(|state| !still_open(state)) {
                breakers.remove(name);
            }
            return;
        }
        if breakers.len() >= CAPACITY && !breakers.contains_key(name) {
            return;
        }
        let state = breakers.entry(name.to_owned()).or_default();
        state.failures += 1;
        if state.failures >= policy.failures && state.open_until.is_none_or(|until| now >= until) {
            state.open_until = Some(now + policy.open_for);
            state.probe_until = None;
        }
    }
}
