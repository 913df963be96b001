//! How many requests an endpoint gets in a time.
//!
//! Time is cut into windows by the clock that all processes share, and each window has so many places. A delivery that
//! finds the present window full gets a place in the next free one, and comes back when that begins: it costs nobody
//! anything until then, and those that wait do not push each other aside.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// Places are given out this far ahead; whoever finds none asks again later. So a limit that is raised is soon felt.
const HORIZON: TimeDelta = TimeDelta::minutes(10);

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
    pub(crate) fn per_second(count: i32) -> Self {
        Self { count, seconds: 1 }
    }

    /// A place for one more.
    pub(crate) fn place(self, given: Option<Given>, now: DateTime<Utc>) -> Place {
        let present = self.window_of(now);
        let next = match given {
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

    #[test]
    fn what_is_over_the_limit_goes_into_the_next_windows() {
        let rate = Rate::per_second(2);
        assert_eq!(windows(rate, None, at(300), 5), [0, 0, 1, 1, 2]);
        let full = Given { window: at(2000), used: 2 };
        assert_eq!(rate.place(Some(full), at(1999)), Place::Later(Given { window: at(3000), used: 1 }));
        assert_eq!(rate.place(Some(full), at(7001)), Place::Now(Given { window: at(7000), used: 1 }));
    }

    #[test]
    fn places_are_given_out_for_a_bounded_time_ahead() {
        let windows = windows(Rate::per_second(1), None, at(0), 10_000);
        assert_eq!(windows.len(), 601);
    }

    #[test]
    fn a_place_holds_in_its_window_only() {
        let rate = Rate::per_second(1);
        assert!(!rate.holds(at(1000), at(999)) && rate.holds(at(1000), at(1999)));
        assert!(!rate.holds(at(1000), at(2000)));
    }
}
