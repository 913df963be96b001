//! How often somebody who knows the password may guess the second factor.
//!
//! Counted for the account and not for the source: whoever comes this far is one attacker with many addresses, or
//! the owner. A million codes, three of them good, at five tries each quarter of an hour and ever fewer after that.

use chrono::{DateTime, TimeDelta, Utc};

/// Wrong codes in a row that are forgiven.
const FREE: i32 = 5;
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(15);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(24);

/// Wrong codes since the last right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FactorAttempts {
    /// How many.
    pub failed: i32,
    /// Until when not even a right one is looked at.
    pub closed_until: Option<DateTime<Utc>>,
}

impl FactorAttempts {
    /// Whether a code may be looked at.
    pub fn is_open(self, now: DateTime<Utc>) -> bool {
        self.closed_until.is_none_or(|until| until <= now)
    }

    /// After another wrong one: each fifth closes for twice as long as the one before. An attempt while closed
    /// is not looked at and so does not count.
    #[must_use]
    pub fn after_failure(self, now: DateTime<Utc>) -> Self {
        let failed = self.failed.saturating_add(1);
        if failed % FREE != 0 {
            return Self { failed, closed_until: None };
        }
        let doublings = u32::try_from(failed / FREE - 1).unwrap_or(0).min(10);
        let wait = (FIRST_WAIT * 2_i32.pow(doublings)).min(LONGEST_WAIT);
        Self { failed, closed_until: Some(now + wait) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(mut attempts: FactorAttempts, times: usize) -> FactorAttempts {
        for _ in 0..times {
            attempts = attempts.after_failure(DateTime::UNIX_EPOCH);
        }
        attempts
    }

    #[test]
    fn the_fifth_closes_for_a_quarter_of_an_hour() {
        let now = DateTime::UNIX_EPOCH;
        assert!(fail(FactorAttempts::default(), 4).is_open(now));
        let closed = fail(FactorAttempts::default(), 5);
        assert!(!closed.is_open(now + FIRST_WAIT - TimeDelta::seconds(1)));
        assert!(closed.is_open(now + FIRST_WAIT));
    }

    #[test]
    fn each_further_five_close_for_longer_up_to_a_day() {
        let waits = [5, 10, 15, 500, 100_000].map(|times| {
            let closed = fail(FactorAttempts::default(), times);
            closed.closed_until.unwrap() - DateTime::UNIX_EPOCH
        });
        assert_eq!(waits, [FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4, LONGEST_WAIT, LONGEST_WAIT]);
    }

    #[test]
    fn counting_never_overflows() {
        let attempts = FactorAttempts { failed: i32::MAX, closed_until: None };
        assert_eq!(attempts.after_failure(DateTime::UNIX_EPOCH).failed, i32::MAX);
    }
}
