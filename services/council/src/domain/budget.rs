//! What a run may take.
//!
//! Before each call its estimate is reserved, after it what it took is settled. A reservation that does not fit is refused,
//! also among calls at the same time: what is spent, reserved and drawn together never passes the limit, so that what is
//! spent passes it at most by what a call took beyond its estimate.

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

/// What of a run's budget is gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Account {
    /// What its calls took.
    pub spent: Take,
    /// What calls under way may take.
    pub reserved: Take,
    /// What runs that it started have taken of it, or may take yet.
    pub drawn: Take,
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

    /// The greater of both, each by itself.
    #[must_use]
    pub fn most(self, other: Self) -> Self {
        Self {
            cost_micros: self.cost_micros.max(other.cost_micros),
            tokens: self.tokens.max(other.tokens),
            calls: self.calls.max(other.calls),
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

impl Account {
    /// All of it together.
    pub fn gone(&self) -> Take {
        self.spent.plus(self.reserved).plus(self.drawn)
    }

    /// With what a call may take set aside; none where that, and `besides` on top of it, is more than is left.
    pub fn reserve(self, limits: &RunBudget, estimate: Take, besides: Take) -> Option<Self> {
        let allowed = limits.allow(self.gone().plus(estimate).plus(besides));
        allowed.then(|| Self { reserved: self.reserved.plus(estimate), ..self })
    }

    /// With what a call took in the place of its estimate.
    #[must_use]
    pub fn settle(self, estimate: Take, took: Take) -> Self {
        Self { spent: self.spent.plus(took), reserved: self.reserved.minus(estimate), ..self }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn take(cost_micros: u64, tokens: u64) -> Take {
        Take { cost_micros, tokens, calls: 1 }
    }

    fn spent(spent: Take) -> Account {
        Account { spent, ..Account::default() }
    }

    const NOTHING: Take = Take { cost_micros: 0, tokens: 0, calls: 0 };

    #[test]
    fn what_is_reserved_is_not_there_for_others() {
        let limits = RunBudget { cost_micros: Some(100), ..RunBudget::default() };
        let reserve = |account: Account, cost| account.reserve(&limits, take(cost, 0), NOTHING);
        let first = reserve(Account::default(), 60).unwrap();
        assert_eq!(reserve(first, 60), None);
        let settled = first.settle(take(60, 0), take(30, 0));
        assert_eq!((settled.spent.cost_micros, settled.reserved.cost_micros), (30, 0));
        assert!(reserve(settled, 70).is_some() && reserve(settled, 71).is_none());
        assert!(settled.reserve(&limits, take(40, 0), take(31, 0)).is_none(), "others have no room besides");
        let besides = settled.reserve(&limits, take(40, 0), take(30, 0)).unwrap();
        assert_eq!(besides.reserved.cost_micros, 40, "what is besides is not reserved");
    }

    #[test]
    fn each_limit_holds_and_earlier_attempts_count() {
        let all = RunBudget { cost_micros: Some(10), tokens: Some(10), calls: Some(2), seconds: None };
        assert!(spent(take(0, 0)).reserve(&all, take(10, 10), NOTHING).is_some());
        for before in [take(1, 0), take(0, 1), Take { calls: 2, ..Take::default() }] {
            assert!(spent(before).reserve(&all, take(10, 10), NOTHING).is_none(), "{before:?}");
        }
        let anything = take(u64::MAX, u64::MAX);
        assert!(Account::default().reserve(&RunBudget::default(), anything, anything).is_some());
    }

    #[test]
    fn what_runs_below_may_take_is_not_there_for_the_one_above() {
        let limits = RunBudget { tokens: Some(100), seconds: Some(60), ..RunBudget::default() };
        let account = Account { reserved: take(0, 10), ..spent(take(0, 20)) };
        let below = limits.left(account.gone(), Duration::from_secs(15));
        assert_eq!((below.tokens, below.seconds, below.calls), (Some(70), Some(45), None));
        let drawn = Account { drawn: below.most(), ..account };
        assert!(drawn.reserve(&limits, take(0, 1), NOTHING).is_none());
        let given_back = Account { drawn: take(0, 30), ..account };
        assert!(given_back.reserve(&limits, take(0, 40), NOTHING).is_some());
        assert!(given_back.reserve(&limits, take(0, 41), NOTHING).is_none());
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
            let limits = RunBudget { tokens: Some(limit), ..RunBudget::default() };
            let (mut account, mut open) = (Account::default(), Vec::new());
            for (estimate, took, keep) in calls {
                if let Some(reserved) = account.reserve(&limits, take(0, estimate), NOTHING) {
                    account = reserved;
                    open.push((estimate, took.min(estimate)));
                }
                if !keep && let Some((estimate, took)) = open.pop() {
                    account = account.settle(take(0, estimate), take(0, took));
                }
            }
            for (estimate, took) in open {
                account = account.settle(take(0, estimate), take(0, took));
            }
            prop_assert!(account.spent.tokens <= limit && account.reserved.tokens == 0);
        }
    }
}
