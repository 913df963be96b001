//! How long things are kept that nobody can use any longer.

use std::time::Duration;

use chrono::TimeDelta;
use witan_config::Reader;

use super::read_delta;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// When what has ended is removed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    /// Accounts whose address nobody proved, and registrations, after the last of them was made.
    pub unverified: TimeDelta,
    /// Sessions after their end.
    pub sessions: TimeDelta,
    /// Mails after they were queued, whatever became of them.
    pub mails: TimeDelta,
}

impl Kept {
    pub(super) fn read(r: &mut Reader<'_>, verification_ttl: Option<TimeDelta>) -> Option<Self> {
        let unverified = read_delta(r, "AUTH_UNVERIFIED_KEPT", 7 * DAY);
        let sessions = read_delta(r, "AUTH_SESSIONS_KEPT", 30 * DAY);
        let mails = read_delta(r, "AUTH_MAILS_KEPT", 90 * DAY);
        let (unverified, sessions, mails) = (unverified?, sessions?, mails?);
        if unverified < verification_ttl? {
            return r.mistake(
                "AUTH_UNVERIFIED_KEPT",
                "must be at least AUTH_VERIFICATION_TTL: the link would outlive its account",
            );
        }
        if mails < TimeDelta::days(2) {
            return r.mistake("AUTH_MAILS_KEPT", "must be at least 48h: mails are tried for about a day");
        }
        Some(Self { unverified, sessions, mails })
    }
}
