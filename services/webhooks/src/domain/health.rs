//! How an endpoint has been answering: the breaker that spares it, and the point at which it is given up.
//!
//! Closed until [`BREAKER_AFTER`] failures in a row; then open, for longer with every further failure; when the time is
//! up one delivery is let through as a probe. State lives in the endpoint's row, so that it survives restarts and holds
//! for all workers.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// Failures in a row that open the breaker.
pub(crate) const BREAKER_AFTER: i32 = 5;
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// While a probe is on its way the breaker is open, too; no attempt takes longer.
const LONGEST_PROBE: Duration = Duration::from_secs(60);
/// Giving up needs this many failures in a row as well as time: a quiet endpoint that fails twice in a week stays.
const DISABLE_AFTER_FAILURES: i32 = 10;

/// An endpoint's health as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Health {
    pub(crate) consecutive_failures: i32,
    pub(crate) failing_since: Option<DateTime<Utc>>,
    pub(crate) breaker_until: Option<DateTime<Utc>>,
}

impl Health {
    pub(crate) const GOOD: Self = Self { consecutive_failures: 0, failing_since: None, breaker_until: None };

    /// After one more failure at `now`.
    pub(crate) fn failed(self, now: DateTime<Utc>) -> Self {
        let consecutive_failures = self.consecutive_failures.saturating_add(1);
        Self {
            consecutive_failures,
            failing_since: self.failing_since.or(Some(now)),
            breaker_until: pause(consecutive_failures).map(|pause| now + pause),
        }
    }

    /// Whether the endpoint has failed for so long that it is disabled.
    pub(crate) fn hopeless(&self, now: DateTime<Utc>, patience: Duration) -> bool {
        let long =
            self.failing_since.is_some_and(|since| (now - since).to_std().is_ok_and(|time| time >= patience));
        long && self.consecutive_failures >= DISABLE_AFTER_FAILURES
    }

    /// Until when deliveries wait, if they do.
    pub(crate) fn open_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.breaker_until.filter(|until| *until > now && *until <= self.furthest(now))
    }

    /// If the next delivery is a probe, because the breaker was open and its time is up: until when it was.
    pub(crate) fn probe(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.breaker_until.filter(|until| *until <= now || *until > self.furthest(now))
    }

    /// Nobody waits for a time that is further away than it can have been set to: the clock was set back since.
    fn furthest(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + pause(self.consecutive_failures).unwrap_or_default().max(LONGEST_PROBE)
    }
}

fn pause(failures: i32) -> Option<Duration> {
    let over = u32::try_from(failures - BREAKER_AFTER).ok()?;
    Some(FIRST_PAUSE.saturating_mul(1 << over.min(10)).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(n: i32, now: DateTime<Utc>) -> Health {
        (0..n).fold(Health::GOOD, |health, _| health.failed(now))
    }

    #[test]
    fn the_breaker_opens_at_five_and_its_pause_grows_to_an_hour() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(failures(4, now).open_until(now), None);
        let pause = |n| (failures(n, now).open_until(now).unwrap() - now).num_seconds();
        assert_eq!([pause(5), pause(6), pause(7), pause(60)], [30, 60, 120, 3600]);
        let open = failures(5, now);
        assert_eq!(open.probe(now + Duration::from_secs(29)), None);
        assert_eq!(open.probe(now + Duration::from_secs(30)), open.breaker_until);
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_keep_it_open() {
        let then = DateTime::UNIX_EPOCH + Duration::from_secs(3600);
        let (open, now) = (failures(5, then), DateTime::UNIX_EPOCH);
        assert_eq!((open.open_until(now), open.probe(now)), (None, open.breaker_until));
        let near = then - Duration::from_secs(20);
        assert_eq!((open.open_until(near), open.probe(near)), (open.breaker_until, None));
    }

    #[test]
    fn giving_up_needs_both_time_and_failures() {
        let (start, patience) = (DateTime::UNIX_EPOCH, Duration::from_secs(5 * 86_400));
        let later = start + patience;
        assert!(!failures(9, start).hopeless(later, patience));
        assert!(failures(10, start).hopeless(later, patience));
        assert!(!failures(10, start).hopeless(later - Duration::from_secs(1), patience));
    }
}
