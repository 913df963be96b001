use std::time::Duration;

use super::{Failed, LockoutPolicy, millis};

/// What is kept of a counter. Times are milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Failures since the last lock.
    pub(super) count: i64,
    /// How many locks there were.
    pub(super) locks: i64,
    /// Until when it is locked.
    pub(super) until: i64,
    /// When it failed last.
    pub(super) last: i64,
    /// Whether the failure that led here locked it; not kept.
    pub(super) began: bool,
}

impl State {
    /// Members of a state in what the scripts answer.
    const WIDTH: usize = 5;

    pub(super) fn unflatten(flat: &[i64]) -> Vec<Self> {
        let states = flat.chunks_exact(Self::WIDTH);
        states
            .map(|state| Self {
                count: state[0],
                locks: state[1],
                until: state[2],
                last: state[3],
                began: state[4] == 1,
            })
            .collect()
    }

    pub(super) fn is_locked(&self, now: i64) -> bool {
        now < self.until
    }

    /// The state after a failure, as `fail.lua` makes it.
    pub(super) fn fail(self, policy: &LockoutPolicy, now: i64) -> Self {
        if self.is_locked(now) {
            return Self { began: false, ..self };
        }
        let forgotten = now - self.last > millis(policy.forget);
        let State { count, locks, .. } = if forgotten { Self::default() } else { self };
        let count = count + 1;
        let threshold = if locks == 0 { policy.failures } else { policy.again };
        if count < i64::from(threshold) {
            return Self { count, locks, until: 0, last: now, began: false };
        }
        let doubled = millis(policy.first).saturating_mul(1 << locks.min(30));
        let until = now + doubled.min(millis(policy.longest));
        Self { count: 0, locks: locks + 1, until, last: now, began: true }
    }

    /// What the failure that led here did.
    pub(super) fn outcome(&self, now: i64) -> Failed {
        let millis = u64::try_from(self.until - now).unwrap_or(0);
        Failed { locked_for: Duration::from_millis(millis), began: self.began }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const POLICY: LockoutPolicy = LockoutPolicy {
        failures: 5,
        again: 2,
        first: Duration::from_secs(15 * 60),
        longest: Duration::from_secs(3600),
        forget: Duration::from_secs(24 * 3600),
    };

    #[test]
    fn each_lock_holds_twice_as_long_as_the_one_before_up_to_the_longest() {
        let (mut state, mut now, mut held) = (State::default(), MINUTE, Vec::new());
        for _ in 0..4 {
            while !state.is_locked(now) {
                state = state.fail(&POLICY, now);
            }
            held.push((state.until - now) / MINUTE);
            now = state.until;
        }
        assert_eq!(held, [15, 30, 60, 60]);
    }

    #[test]
    fn the_first_lock_takes_five_failures_and_the_next_two() {
        let mut state = State::default();
        for _ in 0..4 {
            state = state.fail(&POLICY, MINUTE);
            assert!(!state.is_locked(MINUTE));
        }
        state = state.fail(&POLICY, MINUTE);
        assert!(state.outcome(MINUTE).began);
        let later = state.until;
        assert!(!state.fail(&POLICY, later).is_locked(later));
        assert!(state.fail(&POLICY, later).fail(&POLICY, later).is_locked(later));
    }

    #[test]
    fn what_fails_while_it_is_locked_does_not_count() {
        let locked = State { count: 0, locks: 1, until: 10 * MINUTE, last: MINUTE, began: false };
        assert_eq!(locked.fail(&POLICY, 5 * MINUTE), locked);
        assert!(!locked.outcome(5 * MINUTE).began);
    }

    #[test]
    fn a_day_of_peace_is_forgotten() {
        let state = State { count: 1, locks: 3, until: 0, last: MINUTE, began: false };
        let next = state.fail(&POLICY, MINUTE + 24 * 60 * MINUTE + 1);
        assert_eq!((next.count, next.locks), (1, 0));
    }
}
