use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Counter;
use super::state::State;

/// How many counters are kept. Past it the ones that failed longest ago go.
const CAPACITY: usize = 50_000;

/// The same counters, kept in this process: what stands in for Redis while it is away.
#[derive(Default)]
pub(crate) struct LocalLockouts(Mutex<HashMap<String, State>>);

impl LocalLockouts {
    pub(super) fn is_locked(&self, keys: &[String], now: i64) -> bool {
        let states = self.lock();
        keys.iter().any(|key| states.get(key).is_some_and(|state| state.is_locked(now)))
    }

    pub(super) fn fail(&self, keys: &[String], counters: &[Counter], now: i64) -> Vec<State> {
        let mut states = self.lock();
        let fail = |(key, counter): (&String, &Counter)| {
            let state = states.get(key).copied().unwrap_or_default().fail(&counter.policy, now);
            keep(&mut states, key.clone(), state);
            state
        };
        keys.iter().zip(counters).map(fail).collect()
    }

    /// What Redis said, to go on from while it is away.
    pub(super) fn heard(&self, keys: Vec<String>, told: &[State]) {
        let mut states = self.lock();
        for (key, state) in keys.into_iter().zip(told) {
            if state.last == 0 {
                states.remove(&key);
            } else {
                keep(&mut states, key, *state);
            }
        }
    }

    pub(super) fn forget(&self, keys: &[String]) {
        let mut states = self.lock();
        for key in keys {
            states.remove(key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, State>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keep(states: &mut HashMap<String, State>, key: String, state: State) {
    if states.len() >= CAPACITY && !states.contains_key(&key) {
        let mut ages: Vec<i64> = states.values().map(|state| state.last).collect();
        let (_, median, _) = ages.select_nth_unstable(CAPACITY / 2);
        let median = *median;
        states.retain(|_, state| state.last > median);
    }
    states.insert(key, state);
}
