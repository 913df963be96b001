//! The life of a signing key: `NEXT -> ACTIVE -> RETIRING -> gone`.
//!
//! A key is published while it is `NEXT`, so that every verifier's cache knows it before the first token it signs;
//! it stays published while it is `RETIRING`, until the last token it signed has expired.

use chrono::{DateTime, TimeDelta, Utc};

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyPurpose {
    /// RS256 signatures of access tokens.
    Access,
    /// MACs of refresh tokens.
    Refresh,
}

impl KeyPurpose {
    /// Every purpose; each needs an active key.
    pub const ALL: [Self; 2] = [Self::Access, Self::Refresh];

    /// The purpose's name in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "ACCESS",
            Self::Refresh => "REFRESH",
        }
    }

    /// The purpose of a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Published, signs nothing yet.
    Next {
        /// When it was made.
        since: DateTime<Utc>,
    },
    /// Signs.
    Active {
        /// When it took over.
        since: DateTime<Utc>,
    },
    /// Signs nothing more, still verifies.
    Retiring {
        /// When nothing it signed is valid any longer.
        until: DateTime<Utc>,
    },
}

/// The transition does not exist from this state, or not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key cannot {0}")]
pub struct KeyRefused(&'static str);

impl KeyState {
    /// The state's name in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Next { .. } => "NEXT",
            Self::Active { .. } => "ACTIVE",
            Self::Retiring { .. } => "RETIRING",
        }
    }

    /// Takes over signing, once verifiers had `published_for` to learn of it.
    ///
    /// # Errors
    /// When it is not next, or was not published long enough.
    pub fn activate(self, now: DateTime<Utc>, published_for: TimeDelta) -> Result<Self, KeyRefused> {
        match self {
            Self::Next { since } if now - since >= published_for => Ok(Self::Active { since: now }),
            Self::Next { .. } => Err(KeyRefused("be activated before verifiers know it")),
            _ => Err(KeyRefused("be activated unless it is next")),
        }
    }

    /// Stops signing; verifies for as long as anything it signed may live.
    ///
    /// # Errors
    /// When it is not active.
    pub fn retire(self, now: DateTime<Utc>, longest_life: TimeDelta) -> Result<Self, KeyRefused> {
        match self {
            Self::Active { .. } => Ok(Self::Retiring { until: now + longest_life }),
            _ => Err(KeyRefused("be retired unless it is active")),
        }
    }

    /// Whether what it signed must still be accepted.
    pub fn verifies(self, now: DateTime<Utc>) -> bool {
        match self {
            Self::Next { .. } | Self::Active { .. } => true,
            Self::Retiring { until } => now < until,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: TimeDelta = TimeDelta::days(1);

    #[test]
    fn walks_from_next_to_gone() {
        let start = DateTime::UNIX_EPOCH;
        let next = KeyState::Next { since: start };
        assert!(next.activate(start + TimeDelta::hours(23), DAY).is_err());
        let active = next.activate(start + DAY, DAY).unwrap();
        assert_eq!(active.as_str(), "ACTIVE");
        let retiring = active.retire(start + DAY, TimeDelta::minutes(15)).unwrap();
        assert!(next.verifies(start) && active.verifies(start));
        assert!(retiring.verifies(start + DAY));
        assert!(!retiring.verifies(start + DAY + TimeDelta::minutes(15)));
    }

    #[test]
    fn refuses_every_other_step() {
        let now = DateTime::UNIX_EPOCH;
        let (next, active) = (KeyState::Next { since: now }, KeyState::Active { since: now });
        let retiring = KeyState::Retiring { until: now };
        assert!(active.activate(now + DAY, DAY).is_err());
        assert!(retiring.activate(now + DAY, DAY).is_err());
        assert!(next.retire(now, DAY).is_err());
        assert!(retiring.retire(now, DAY).is_err());
    }

    #[test]
    fn purposes_have_names() {
        for purpose in KeyPurpose::ALL {
            assert_eq!(KeyPurpose::parse(purpose.as_str()), Some(purpose));
        }
        assert_eq!(KeyPurpose::parse("OTHER"), None);
    }
}
