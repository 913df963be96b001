#![doc = include_str!("../README.md")]

mod manual;
mod uuid_v7;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use rand::{Rng, RngCore};
use uuid::Uuid;

use crate::manual::Manual;
pub use crate::manual::ManualClock;
use crate::uuid_v7::Sequence;

/// A handle to the wall clock and to randomness; clones share one source.
#[derive(Clone)]
pub struct Clock {
    source: Source,
    sequence: Arc<Sequence>,
}

#[derive(Clone)]
enum Source {
    System,
    Manual(Arc<Manual>),
}

impl Clock {
    /// The machine's clock and a secure generator seeded by the operating system.
    pub fn system() -> Self {
        Self::of(Source::System)
    }

    fn manual(manual: Arc<Manual>) -> Self {
        Self::of(Source::Manual(manual))
    }

    fn of(source: Source) -> Self {
        Self { source, sequence: Arc::new(Sequence::default()) }
    }

    /// The time now, in whole microseconds.
    pub fn now(&self) -> DateTime<Utc> {
        match &self.source {
            #[expect(clippy::disallowed_methods, reason = "this crate is where the wall clock is read")]
            Source::System => Utc::now().trunc_subsecs(6),
            Source::Manual(manual) => manual.now(),
        }
    }

    /// A UUID of version 7 for the time now, greater than every one made before by clones of this clock.
    pub fn uuid_v7(&self) -> Uuid {
        self.sequence.next(self.now(), self.random())
    }

    /// `N` random bytes, good enough for keys and tokens when the clock is the system's.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// Fills `bytes` with random ones.
    pub fn fill(&self, bytes: &mut [u8]) {
        match &self.source {
            #[expect(clippy::disallowed_methods, reason = "this crate is where randomness comes from")]
            Source::System => rand::rng().fill_bytes(bytes),
            Source::Manual(manual) => manual.with_rng(|rng| rng.fill_bytes(bytes)),
        }
    }

    /// A number of `range`, each as likely as the next.
    ///
    /// # Panics
    /// When the range is empty.
    pub fn random_range(&self, range: std::ops::Range<u64>) -> u64 {
        match &self.source {
            #[expect(clippy::disallowed_methods, reason = "this crate is where randomness comes from")]
            Source::System => rand::rng().random_range(range),
            Source::Manual(manual) => manual.with_rng(|rng| rng.random_range(range)),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.source {
            Source::System => f.write_str("Clock::system"),
            Source::Manual(_) => write!(f, "Clock::manual({})", self.now()),
        }
    }
}

#[cfg(test)]
mod tests;
