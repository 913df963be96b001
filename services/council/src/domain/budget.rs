//! What a run may take.
//!
//! Before each call its estimate is reserved, after it what it took is settled. A reservation that does not fit is refused,
//! also among calls at the same time: what is spent and reserved together never passes the limit, so that what is spent
//! passes it at most by what a call took beyond its estimate.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::outcome::Spent;

/// The reason of a call that the budget did not allow.
pub const EXHAUSTED: &str = "budget_exhausted";

/// What a run may take at most; what is not said is not limited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RunBudget {
    /// Money, in millionths of a US dollar. Models whose price is not known are limited by tokens alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, example = 50000)]
    pub cost_micros: Option<u64>,
    /// Tokens, read and written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, example = 60000)]
    pub tokens: Option<u64>,
    /// Calls to models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, example = 20)]
    pub calls: Option<u64>,
    /// Time by the clock, in seconds, from the beginning of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, example = 90)]
    pub seconds: Option<u64>,
}

/// What calls take, or may take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Take {
    /// Money, in millionths of the currency.
    pub cost_micros: u64,
    /// Tokens.
    pub tokens: u64,
    /// Calls.
    pub calls: u64,
}

/// A run's budget; clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Budget {
    limits: RunBudget,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    spent: Take,
    reserved: Take,
    /// By runs that this one started.
    drawn: Take,
}

/// What a call has reserved. Dropped without being settled, it is given back.
#[derive(Debug)]
#[must_use = "a reservation that is dropped holds nothing"]
pub struct Reservation {
    budget: Budget,
    reserved: Take,
}

impl RunBudget {
    /// The stricter of two, limit by limit.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let least = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
        Self {
            cost_micros: least(self.cost_micros, other.cost_micros),
            tokens: least(self.tokens, other.tokens),
            calls: least(self.calls, other.calls),
            seconds: least(self.seconds, other.seconds),
        }
    }

    /// Whether nothing at all may be taken of something.
    pub fn is_empty(&self) -> bool {
        [self.cost_micros, self.tokens, self.calls, self.seconds].contains(&Some(0))
    }

    /// How long the run may take.
    pub fn time(&self) -> Option<Duration> {
        self.seconds.map(Duration::from_secs)
    }

    /// What is left after so much was taken, and so much time.
    #[must_use]
    pub fn left(self, taken: Take, gone: Duration) -> Self {
        let left = |limit: Option<u64>, taken: u64| limit.map(|limit| limit.saturating_sub(taken));
        Self {
            cost_micros: left(self.cost_micros, taken.cost_micros),
            tokens: left(self.tokens, taken.tokens),
            calls: left(self.calls, taken.calls),
            seconds: left(self.seconds, gone.as_secs()),
        }
    }

    /// The most that it allows of what can be taken; nothing where it says nothing.
    pub fn most(&self) -> Take {
        Take {
            cost_micros: self.cost_micros.unwrap_or_default(),
            tokens: self.tokens.unwrap_or_default(),
            calls: self.calls.unwrap_or_default(),
        }
    }

    fn allow(&self, take: Take) -> bool {
        let within = |limit: Option<u64>, take: u64| limit.is_none_or(|limit| take <= limit);
        within(self.cost_micros, take.cost_micros)
            && within(self.tokens, take.tokens)
            && within(self.calls, take.calls)
    }
}

impl Take {
    /// What a call took.
    pub fn of(spent: &Spent) -> Self {
        Self {
            cost_micros: u64::try_from(spent.cost_micros).unwrap_or_default(),
            tokens: spent.usage.total(),
            calls: 1,
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            cost_micros: self.cost_micros.saturating_add(other.cost_micros),
            tokens: self.tokens.saturating_add(other.tokens),
            calls: self.calls.saturating_add(other.calls),
        }
    }

    /// What is left of it.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            cost_micros: self.cost_micros.saturating_sub(other.cost_micros),
            tokens: self.tokens.saturating_sub(other.tokens),
            calls: self.calls.saturating_sub(other.calls),
        }
    }
}

impl Budget {
    /// A budget of which this much is spent already.
    pub fn new(limits: RunBudget, spent: impl IntoIterator<Item = Take>) -> Self {
        let spent = spent.into_iter().fold(Take::default(), Take::plus);
        Self { limits, taken: Arc::new(Mutex::new(Taken { spent, ..Taken::default() })) }
    }

    /// Sets aside what a call may take; none when that is more than is left.
    pub fn reserve(&self, estimate: Take) -> Option<Reservation> {
        let mut taken = self.taken();
        let reserved = taken.reserved.plus(estimate);
        if !self.limits.allow(taken.spent.plus(reserved).plus(taken.drawn)) {
            return None;
        }
        taken.reserved = reserved;
        Some(Reservation { budget: self.clone(), reserved: estimate })
    }

    /// Notes what runs that this one started have taken of it, or may take yet.
    pub fn draw(&self, drawn: Take) {
        self.taken().drawn = drawn;
    }

    /// What is spent so far.
    pub fn spent(&self) -> Take {
        self.taken().spent
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reservation {
    /// Replaces the estimate by what the call took.
    pub fn settle(self, took: Take) {
        let mut taken = self.budget.taken();
        taken.spent = taken.spent.plus(took);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut taken = self.budget.taken();
        taken.reserved = taken.reserved.minus(self.reserved);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn take(cost_micros: u64, tokens: u64) -> Take {
        Take { cost_micros, tokens, calls: 1 }
    }

    #[test]
    fn what_is_reserved_is_not_there_for_others() {
        let budget = Budget::new(RunBudget { cost_micros: Some(100), ..RunBudget::default() }, []);
        let first = budget.reserve(take(60, 0)).unwrap();
        assert!(budget.reserve(take(60, 0)).is_none());
        first.settle(take(30, 0));
        let second = budget.reserve(take(60, 0)).unwrap();
        drop(second);
        assert_eq!(budget.spent().cost_micros, 30);
        assert!(budget.reserve(take(70, 0)).is_some() && budget.reserve(take(71, 0)).is_none());
    }

    #[test]
    fn each_limit_holds_and_earlier_attempts_count() {
        let all = RunBudget { cost_micros: Some(10), tokens: Some(10), calls: Some(2), seconds: None };
        assert!(Budget::new(all, [take(0, 0)]).reserve(take(10, 10)).is_some());
        for spent in [take(1, 0), take(0, 1), Take { calls: 2, ..Take::default() }] {
            assert!(Budget::new(all, [spent]).reserve(take(10, 10)).is_none(), "{spent:?}");
        }
        assert!(Budget::new(RunBudget::default(), []).reserve(take(u64::MAX, u64::MAX)).is_some());
    }

    #[test]
    fn what_runs_below_may_take_is_not_there_for_the_one_above() {
        let limits = RunBudget { tokens: Some(100), seconds: Some(60), ..RunBudget::default() };
        let budget = Budget::new(limits, [take(0, 20)]);
        let below = limits.left(take(0, 20), Duration::from_secs(15));
        assert_eq!((below.tokens, below.seconds, below.calls), (Some(80), Some(45), None));
        budget.draw(below.most());
        assert!(budget.reserve(take(0, 1)).is_none());
        budget.draw(take(0, 30));
        assert!(budget.reserve(take(0, 50)).is_some() && budget.reserve(take(0, 51)).is_none());
    }

    #[test]
    fn nothing_is_nothing() {
        assert!(RunBudget { tokens: Some(0), ..RunBudget::default() }.is_empty());
        assert!(!RunBudget::default().is_empty());
        let (a, b) = (
            RunBudget { tokens: Some(5), ..RunBudget::default() },
            RunBudget { tokens: Some(3), calls: Some(1), ..RunBudget::default() },
        );
        assert_eq!(a.and(b), b);
    }

    proptest! {
        #[test]
        fn honest_estimates_never_pass_the_limit(limit in 0_u64..500, calls in prop::collection::vec((0_u64..100, 0_u64..100, any::<bool>()), 0..40)) {
            let budget = Budget::new(RunBudget { tokens: Some(limit), ..RunBudget::default() }, []);
            let mut open = Vec::new();
            for (estimate, took, keep) in calls {
                if let Some(reservation) = budget.reserve(take(0, estimate)) {
                    open.push((reservation, took.min(estimate)));
                }
                if !keep && let Some((reservation, took)) = open.pop() {
                    reservation.settle(take(0, took));
                }
            }
            for (reservation, took) in open {
                reservation.settle(take(0, took));
            }
            prop_assert!(budget.spent().tokens <= limit);
        }
    }
}
