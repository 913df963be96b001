//! A stretch of time as bounds of ids, which are made in the order of time: a list by id reads only what is in it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// From `since` on and before `until`; open where nothing is said.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Span {
    pub(crate) since: Option<DateTime<Utc>>,
    pub(crate) until: Option<DateTime<Utc>>,
}

impl Span {
    /// Not above the id of any row of `since` or later.
    pub(crate) fn lowest(&self) -> Uuid {
        self.since.map_or(Uuid::nil(), least)
    }

    /// Above the id of every row from before `until`, when ids are made at most `late` after the row's time.
    pub(crate) fn highest(&self, late: Duration) -> Uuid {
        self.until.and_then(|until| until.checked_add_signed(late_delta(late))).map_or(Uuid::max(), least)
    }
}

/// When an id was made, to the millisecond.
pub(crate) fn made_at(id: Uuid) -> DateTime<Utc> {
    let millis = i64::try_from(id.as_u128() >> 80).unwrap_or_default();
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

fn late_delta(late: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(late).unwrap_or_default()
}

/// The least UUID of version 7 of a millisecond.
fn least(at: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default().min((1 << 48) - 1);
    Uuid::from_u128(u128::from(millis) << 80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_the_ids_of_their_time_and_of_no_other() {
        let at = DateTime::from_timestamp_millis(1_795_000_000_000).unwrap();
        let of = |millis: i64| {
            let time = at + chrono::TimeDelta::milliseconds(millis);
            Uuid::from_u128(least(time).as_u128() | 0x7fff_8fff_ffff_ffff_ffff)
        };
        let span = Span { since: Some(at), until: Some(at + chrono::TimeDelta::milliseconds(10)) };
        assert!(of(-1) < span.lowest() && span.lowest() < of(0));
        assert!(of(9) < span.highest(Duration::ZERO) && span.highest(Duration::ZERO) < of(10));
        assert!(of(14) < span.highest(Duration::from_millis(5)));
        assert_eq!(
            (Span::default().lowest(), Span::default().highest(Duration::ZERO)),
            (Uuid::nil(), Uuid::max())
        );
        assert_eq!(least(DateTime::<Utc>::MIN_UTC), Uuid::nil());
        assert_eq!(made_at(of(7)), at + chrono::TimeDelta::milliseconds(7));
    }
}
