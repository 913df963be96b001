//! Time zones by their IANA names.

use std::str::FromStr;

/// Longest name in characters; those of the database are shorter.
pub const MAX_TIME_ZONE: usize = 64;

/// A zone of the IANA time zone database, such as `Europe/Zurich`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeZone(chrono_tz::Tz);

/// No zone of the database has the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a name of the IANA time zone database, such as Europe/Zurich")]
pub struct TimeZoneError;

impl TimeZone {
    /// # Errors
    /// When there is no such zone. Names are compared as they are written, in upper and lower case.
    pub fn parse(text: &str) -> Result<Self, TimeZoneError> {
        chrono_tz::Tz::from_str(text).map(Self).map_err(|_| TimeZoneError)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_zones_of_the_database_and_no_others() {
        for name in ["UTC", "Europe/Zurich", "America/Argentina/Buenos_Aires", "Asia/Kolkata"] {
            assert_eq!(TimeZone::parse(name).unwrap().name(), name);
        }
        for name in ["", "Europe/Atlantis", "europe/zurich", "+02:00", "UTC ", "../../etc/localtime"] {
            assert_eq!(TimeZone::parse(name), Err(TimeZoneError), "{name:?}");
        }
    }
}
