//! Usage is counted by calendar month, UTC, of the time at which a thing happened.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};

/// A calendar month, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Period(NaiveDate);

impl Period {
    /// The month of a moment.
    pub(crate) fn of(time: DateTime<Utc>) -> Self {
        Self::of_day(time.date_naive())
    }

    /// The month of a day.
    pub(crate) fn of_day(day: NaiveDate) -> Self {
        Self(day.with_day(1).unwrap_or(day))
    }

    /// Its first day, which is how it is stored.
    pub(crate) fn first_day(self) -> NaiveDate {
        self.0
    }

    /// When the next one begins.
    pub(crate) fn ends_at(self) -> DateTime<Utc> {
        (self.0 + Months::new(1)).and_time(NaiveTime::MIN).and_utc()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        let december = Period::of(at("2026-12-31T23:59:59.999Z"));
        assert_eq!(december.first_day(), "2026-12-01".parse::<NaiveDate>().unwrap());
        assert_eq!(december.ends_at(), at("2027-01-01T00:00:00Z"));
        assert_eq!(Period::of(december.ends_at()).ends_at(), at("2027-02-01T00:00:00Z"));
        assert_eq!(Period::of(at("2028-02-29T12:00:00Z")).ends_at(), at("2028-03-01T00:00:00Z"));
    }
}
