//! How long a log-in lasts, and why it ends.

use chrono::{DateTime, TimeDelta, Utc};

/// The life times of what a log-in hands out.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// Of an access token.
    pub access: TimeDelta,
    /// Of a refresh token that is not used.
    pub idle: TimeDelta,
    /// Of the session however often it is refreshed (OWASP ASVS 7.3.2).
    pub absolute: TimeDelta,
}

/// When a session's parts end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// The newest access token.
    pub access: DateTime<Utc>,
    /// The newest refresh token.
    pub idle: DateTime<Utc>,
    /// The session.
    pub absolute: DateTime<Utc>,
}

impl Deadlines {
    /// Of a log-in at `now`.
    pub fn at_login(now: DateTime<Utc>, lifetimes: &Lifetimes) -> Self {
        Self::capped(now, now + lifetimes.absolute, lifetimes)
    }

    /// After a refresh at `now`: everything moves but the end of the session, which caps the rest.
    pub fn at_refresh(now: DateTime<Utc>, absolute: DateTime<Utc>, lifetimes: &Lifetimes) -> Self {
        Self::capped(now, absolute, lifetimes)
    }

    fn capped(now: DateTime<Utc>, absolute: DateTime<Utc>, lifetimes: &Lifetimes) -> Self {
        Self {
            access: (now + lifetimes.access).min(absolute),
            idle: (now + lifetimes.idle).min(absolute),
            absolute,
        }
    }
}

/// How many sessions a user has at most; a log-in beyond it ends the one that was used longest ago (OWASP ASVS 7.1.2).
pub const MAX_SESSIONS: i64 = 10;

/// Why a session was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationReason {
    /// Its user logged out.
    Logout,
    /// Its user ended it from another session.
    UserRevoked,
    /// Its user logged out everywhere.
    LogoutAll,
    /// Its user set a new password with a mailed link.
    PasswordReset,
    /// Its user changed the password from another session.
    PasswordChanged,
    /// Its user has too many newer ones.
    TooMany,
    /// A spent refresh token was shown again.
    RefreshReuse,
    /// The account was closed.
    AccountClosed,
    /// Its user added or removed a second factor in another session.
    FactorChanged,
    /// The account elsewhere that it stands on opens this one no longer.
    IdentityRemoved,
}

impl RevocationReason {
    /// The reason's name on the wire and in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "LOGOUT",
            Self::UserRevoked => "USER_REVOKED",
            Self::LogoutAll => "LOGOUT_ALL",
            Self::PasswordReset => "PASSWORD_RESET",
            Self::PasswordChanged => "PASSWORD_CHANGED",
            Self::TooMany => "TOO_MANY",
            Self::RefreshReuse => "REFRESH_REUSE",
            Self::AccountClosed => "ACCOUNT_CLOSED",
            Self::FactorChanged => "FACTOR_CHANGED",
            Self::IdentityRemoved => "IDENTITY_REMOVED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIMES: Lifetimes =
        Lifetimes { access: TimeDelta::minutes(15), idle: TimeDelta::days(7), absolute: TimeDelta::days(30) };

    #[test]
    fn a_refresh_prolongs_all_but_the_session() {
        let login = DateTime::UNIX_EPOCH;
        let first = Deadlines::at_login(login, &LIFETIMES);
        assert_eq!(first.absolute, login + TimeDelta::days(30));
        let now = login + TimeDelta::days(6);
        let later = Deadlines::at_refresh(now, first.absolute, &LIFETIMES);
        assert_eq!(later.idle, login + TimeDelta::days(13));
        assert_eq!(later.absolute, first.absolute);
    }

    #[test]
    fn nothing_outlives_the_session() {
        let absolute = DateTime::UNIX_EPOCH + TimeDelta::days(30);
        let late = Deadlines::at_refresh(absolute - TimeDelta::minutes(1), absolute, &LIFETIMES);
        assert_eq!(late, Deadlines { access: absolute, idle: absolute, absolute });
    }
}
