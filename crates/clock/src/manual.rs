use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::Clock;

/// The handle that moves a test's clock. Its randomness starts from the same seed each time.
#[derive(Clone)]
pub struct ManualClock {
    shared: Arc<Manual>,
    clock: Clock,
}

impl ManualClock {
    /// A clock that stands at `time`.
    pub fn at(time: DateTime<Utc>) -> Self {
        let shared = Arc::new(Manual::at(time));
        Self { clock: Clock::manual(shared.clone()), shared }
    }

    /// The clock to hand to the code under test.
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Moves the time forward.
    pub fn advance(&self, by: Duration) {
        let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
        self.shared.state().time += by;
    }

    /// Sets the time, also backwards.
    pub fn set(&self, time: DateTime<Utc>) {
        self.shared.state().time = time.trunc_subsecs(6);
    }
}

pub(crate) struct Manual(Mutex<State>);

struct State {
    time: DateTime<Utc>,
    rng: StdRng,
}

impl Manual {
    fn at(time: DateTime<Utc>) -> Self {
        Self(Mutex::new(State { time: time.trunc_subsecs(6), rng: StdRng::seed_from_u64(7) }))
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.state().time
    }

    pub(crate) fn with_rng<T>(&self, f: impl FnOnce(&mut StdRng) -> T) -> T {
        f(&mut self.state().rng)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
