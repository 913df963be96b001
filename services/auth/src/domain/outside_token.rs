//! Tokens of other issuers that are shown in place of ours, and the sessions that they open.

use chrono::{DateTime, TimeDelta, Utc};

/// What a verified token says of itself. With the issuer's name of its session it names one of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideToken {
    /// Who issued it.
    pub issuer: String,
    /// Whom it is about.
    pub subject: String,
    /// What the issuer calls the session that it belongs to; empty where it does not say.
    pub session: String,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// When the person proved to the issuer who they are, if it says so.
    pub authenticated_at: Option<DateTime<Utc>>,
}

/// What is remembered of the time before a token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Past {
    /// When the last session that it could belong to ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Until when all tokens of its person were called off.
    pub issued_until: Option<DateTime<Utc>>,
}

impl Past {
    /// What a token must have been issued after.
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.ended_at.max(self.issued_until)
    }
}

impl OutsideToken {
    /// Whether it may open a session: not if it was issued before an end that it should have ended with, nor if it is
    /// older than anything that is remembered.
    pub fn may_open(&self, past: &Past, now: DateTime<Utc>, remembered: TimeDelta) -> bool {
        past.latest().is_none_or(|end| self.issued_at > end) && self.issued_at > now - remembered
    }

    /// When the person proved who they are, as far as can be said. Where the issuer does not, it is when the session was
    /// opened with its word for it, and never after the token was issued. What they proved here since is in the token of
    /// ours that they got for it: others of this session may be on other devices.
    pub fn proved_at(&self, opened_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        self.authenticated_at.unwrap_or(opened_at.min(self.issued_at)).min(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONTH: TimeDelta = TimeDelta::days(30);

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + MONTH + TimeDelta::seconds(seconds)
    }

    fn token(issued_at: DateTime<Utc>) -> OutsideToken {
        OutsideToken {
            issuer: "i".to_owned(),
            subject: "s".to_owned(),
            session: String::new(),
            issued_at,
            expires_at: at(600),
            authenticated_at: None,
        }
    }

    #[test]
    fn nothing_that_was_issued_before_an_end_opens_a_session() {
        for past in [
            Past { ended_at: Some(at(10)), issued_until: None },
            Past { ended_at: None, issued_until: Some(at(10)) },
            Past { ended_at: Some(at(10)), issued_until: Some(at(5)) },
        ] {
            assert!(!token(at(9)).may_open(&past, at(20), MONTH));
            assert!(!token(at(10)).may_open(&past, at(20), MONTH));
            assert!(token(at(11)).may_open(&past, at(20), MONTH));
        }
        assert!(token(at(0)).may_open(&Past::default(), at(20), MONTH));
    }

    #[test]
    fn what_is_older_than_what_is_remembered_opens_none() {
        let now = at(20);
        assert!(!token(now - MONTH).may_open(&Past::default(), now, MONTH));
        assert!(token(now - MONTH + TimeDelta::seconds(1)).may_open(&Past::default(), now, MONTH));
    }

    #[test]
    fn a_proof_is_never_later_than_is_said_or_known() {
        let mut token = token(at(5));
        assert_eq!(token.proved_at(at(3), at(20)), at(3));
        assert_eq!(token.proved_at(at(8), at(20)), at(5));
        token.authenticated_at = Some(at(2));
        assert_eq!(token.proved_at(at(3), at(20)), at(2));
        token.authenticated_at = Some(at(30));
        assert_eq!(token.proved_at(at(3), at(20)), at(20));
    }
}
