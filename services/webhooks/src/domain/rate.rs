//! How many requests an endpoint gets in a time.
//!
//! Time is cut into windows by the clock that all processes share, and each window has so many places. A delivery that
//! finds the present window full gets a place in the next free one, and comes back when that begins: it costs nobody
//! anything until then, and those that wait do not push each other aside.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// Places are given out this far ahead; whoever finds none asks again later. So a limit that is raised is soon felt.
const HORIZON: TimeDelta = TimeDelta::minutes(10);
/// Nothing can have been given out further ahead, by clocks that differ a little. What is was given before the clock was set back, and counts
/// no more.
const FURTHEST: TimeDelta = TimeDelta::minutes(11);

/// At most so many requests in each window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    count: i32,
    seconds: i64,
}

/// The furthest window of which places were given out, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) window: DateTime<Utc>,
    pub(crate) used: i32,
}

/// What a delivery may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Now, in this window.
    Now(Given),
    /// When this window begins.
    Later(Given),
    /// Everything is given out for a while.
    None,
}

impl Rate {
    /// What both allow: somebody's bound in a second, and somebody else's in a minute. The latter is spread out, so that a
    /// minute's requests do not come in its first second.
    pub(crate) fn both(per_second: Option<i32>, per_minute: Option<i32>) -> Option<Self> {
        let second = per_second.map(|count| Self { count, seconds: 1 });
        let minute = per_minute.map(|count| match count / 60 {
            0 => Self { count: 1, seconds: (59 + i64::from(count)) / i64::from(count).max(1) },
            count => Self { count, seconds: 1 },
        });
        match (second, minute) {
            (Some(one), Some(other)) => Some(if one.is_stricter(other) { one } else { other }),
            (one, other) => one.or(other),
        }
    }

    fn is_stricter(self, other: Self) -> bool {
        i64::from(self.count) * other.seconds < i64::from(other.count) * self.seconds
    }

    /// A place for one more.
    pub(crate) fn place(self, given: Option<Given>, now: DateTime<Utc>) -> Place {
        let present = self.window_of(now);
        let next = match given.filter(|given| given.window - now <= FURTHEST) {
            Some(given) if given.window >= present && given.used < self.count => {
                Given { used: given.used + 1, ..given }
            }
            Some(given) if given.window >= present => {
                Given { window: given.window + TimeDelta::seconds(self.seconds), used: 1 }
            }
            _ => Given { window: present, used: 1 },
        };
        if next.window <= now {
            Place::Now(next)
        } else if next.window - now <= HORIZON {
            Place::Later(next)
        } else {
            Place::None
        }
    }

    /// Whether a place that was given is of the present window.
    pub(crate) fn holds(self, slot: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        slot <= now && now - slot < TimeDelta::seconds(self.seconds)
    }

    /// Whether a place that was given is still to come.
    pub(crate) fn waits(slot: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        slot > now && slot - now <= FURTHEST
    }

    fn window_of(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let start = now.timestamp().div_euclid(self.seconds) * self.seconds;
        DateTime::from_timestamp(start, 0).unwrap_or(now)
    }
}

/// When to ask again if there was no place.
pub(crate) const ASK_AGAIN: Duration = Duration::from_secs(8 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
    }

    fn windows(rate: Rate, mut given: Option<Given>, now: DateTime<Utc>, asked: usize) -> Vec<i64> {
        let mut windows = Vec::new();
        for _ in 0..asked {
            match rate.place(given, now) {
                Place::Now(next) | Place::Later(next) => given = Some(next),
                Place::None => break,
            }
            windows.extend(given.map(|given| (given.window - at(0)).num_seconds()));
        }
        windows
    }

    fn per_second(count: i32) -> Rate {
        Rate::both(Some(count), None).unwrap()
    }

    #[test]
    fn the_stricter_of_both_holds() {
        let both = |second, minute| Rate::both(second, minute).map(|rate| (rate.count, rate.seconds));
        assert_eq!(both(None, None), None);
        assert_eq!(
            [both(Some(3), None), both(None, Some(180)), both(Some(5), Some(240))],
            [Some((3, 1)), Some((3, 1)), Some((4, 1))]
        );
        assert_eq!(
            [both(Some(5), Some(600)), both(Some(1), Some(20)), both(None, Some(59))],
            [Some((5, 1)), Some((1, 3)), Some((1, 2))]
        );
    }

    #[test]
    fn what_is_over_the_limit_goes_into_the_next_windows() {
        let rate = per_second(2);
        assert_eq!(windows(rate, None, at(300), 5), [0, 0, 1, 1, 2]);
        let full = Given { window: at(2000), used: 2 };
        assert_eq!(rate.place(Some(full), at(1999)), Place::Later(Given { window: at(3000), used: 1 }));
        assert_eq!(rate.place(Some(full), at(7001)), Place::Now(Given { window: at(7000), used: 1 }));
    }

    #[test]
    fn places_are_given_out_for_a_bounded_time_ahead() {
        let windows = windows(per_second(1), None, at(0), 10_000);
        assert_eq!(windows.len(), 601);
    }

    #[test]
    fn what_was_given_before_the_clock_was_set_back_counts_no_more() {
        let (rate, given) = (per_second(1), Given { window: at(0), used: 1 });
        let hour_ago = at(0) - TimeDelta::hours(1);
        assert_eq!(rate.place(Some(given), hour_ago), Place::Now(Given { window: hour_ago, used: 1 }));
        assert_eq!(rate.place(Some(given), at(0) - HORIZON), Place::None);
        assert!(!Rate::waits(at(0), hour_ago) && Rate::waits(at(0), at(0) - HORIZON));
        assert!(!Rate::waits(at(0), at(0)));
    }

    #[test]
    fn a_place_holds_in_its_window_only() {
        let rate = per_second(1);
        assert!(!rate.holds(at(1000), at(999)) && rate.holds(at(1000), at(1999)));
        assert!(!rate.holds(at(1000), at(2000)));
    }
}
