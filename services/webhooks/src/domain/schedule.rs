//! When a failed delivery is tried again.

use std::str::FromStr;
use std::time::Duration;

use witan_clock::Clock;
use witan_config::parse_duration;

/// Standard Webhooks' recommendation: ten attempts over three days.
pub(crate) const DEFAULT: &str = "5s,5m,30m,2h,5h,10h,14h,20h,24h";
/// However long a partner asks us to wait.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);
const LONGEST_WAIT: Duration = Duration::from_secs(7 * 24 * 3600);
const MOST_WAITS: usize = 50;
const JITTER_PERCENT: u64 = 20;

/// Waits between attempts: the n-th failure waits for the n-th entry, and after the last there is no further attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Schedule(Vec<Duration>);

impl Schedule {
    /// One of an endpoint's own, in seconds. With none the first attempt is the last.
    pub(crate) fn of_seconds(waits: &[i32]) -> Self {
        Self(waits.iter().filter_map(|wait| u64::try_from(*wait).ok()).map(Duration::from_secs).collect())
    }

    /// The wait after `failures` failed attempts (the first is 1), or `None` when that was the last attempt.
    /// `Retry-After` can only make it longer.
    pub(crate) fn after(
        &self,
        failures: u32,
        retry_after: Option<Duration>,
        clock: &Clock,
    ) -> Option<Duration> {
        let index = usize::try_from(failures).ok()?.checked_sub(1)?;
        let planned = jitter(*self.0.get(index)?, clock);
        Some(retry_after.map_or(planned, |asked| planned.max(asked.min(MAX_RETRY_AFTER))))
    }
}

/// ±20 %, so that what failed together does not come back together.
pub(crate) fn jitter(wait: Duration, clock: &Clock) -> Duration {
    let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX / 200);
    let spread = millis * JITTER_PERCENT / 100;
    Duration::from_millis(millis - spread + clock.random_range(0..2 * spread + 1))
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let waits = text.split(',').map(|part| parse_wait(part.trim())).collect::<Result<Vec<_>, _>>()?;
        if waits.len() > MOST_WAITS {
            return Err(format!("must have at most {MOST_WAITS} waits"));
        }
        Ok(Self(waits))
    }
}

fn parse_wait(text: &str) -> Result<Duration, String> {
    let wait = parse_duration(text).map_err(|error| error.to_string())?;
    if wait > LONGEST_WAIT { Err("must have no wait longer than a week".to_owned()) } else { Ok(wait) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use witan_clock::ManualClock;

    use super::*;

    fn clock() -> Clock {
        ManualClock::at(chrono::DateTime::UNIX_EPOCH).clock()
    }

    #[test]
    fn follows_the_plan_within_the_jitter_and_then_ends() {
        let schedule: Schedule = DEFAULT.parse().unwrap();
        let hours = |h: u64| h * 3600;
        let plan = [5, 300, 1800, hours(2), hours(5), hours(10), hours(14), hours(20), hours(24)];
        for (failures, seconds) in (1..).zip(plan) {
            let wait = schedule.after(failures, None, &clock()).unwrap().as_secs_f64();
            assert!((0.8..=1.2).contains(&(wait / seconds as f64)), "{failures}: {wait}");
        }
        assert_eq!(schedule.after(10, None, &clock()), None);
    }

    #[test]
    fn retry_after_lengthens_up_to_a_day_and_never_shortens() {
        let schedule: Schedule = "1m".parse().unwrap();
        let after = |asked| schedule.after(1, Some(Duration::from_secs(asked)), &clock()).unwrap().as_secs();
        assert!(after(1) >= 48);
        assert_eq!(after(600), 600);
        assert_eq!(after(1_000_000), 24 * 3600);
    }

    #[test]
    fn an_endpoints_own_ends_with_its_last_wait() {
        let schedule = Schedule::of_seconds(&[60, 60]);
        assert!(schedule.after(2, None, &clock()).is_some());
        assert_eq!(schedule.after(3, None, &clock()), None);
        assert_eq!(Schedule::of_seconds(&[]).after(1, None, &clock()), None);
    }

    proptest! {
        #[test]
        fn jitter_stays_within_a_fifth(millis in 0u64..100_000_000) {
            let wait = u64::try_from(jitter(Duration::from_millis(millis), &clock()).as_millis()).unwrap();
            prop_assert!(wait >= millis - millis / 5 - 1 && wait <= millis + millis / 5 + 1);
        }
    }
}
