//! What one attempt came to, and what follows from it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use witan_egress::{EgressError, Incoming};

/// The result of one attempt, in the words of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// 2xx.
    Succeeded,
    /// 410: the partner asks never to be called again.
    Gone,
    /// 3xx: a redirect could lead anywhere, so it is not followed.
    Redirect,
    /// Any other status.
    Refused,
    Timeout,
    /// No connection: name, TCP or TLS.
    Unreachable,
    /// The connection broke on the way.
    Broken,
    /// Not an address we may call.
    Blocked,
}

impl Outcome {
    pub(crate) fn of(result: &Result<Incoming, EgressError>) -> Self {
        match result {
            Ok(answer) => Self::of_status(answer.status),
            Err(EgressError::Blocked | EgressError::Url(_)) => Self::Blocked,
            Err(EgressError::Timeout(_) | EgressError::Idle(_)) => Self::Timeout,
            Err(EgressError::Connect(_) | EgressError::Client(_)) => Self::Unreachable,
            Err(_) => Self::Broken,
        }
    }

    fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            200..=299 => Self::Succeeded,
            300..=399 => Self::Redirect,
            410 => Self::Gone,
            _ => Self::Refused,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Gone => "GONE",
            Self::Redirect => "REDIRECT",
            Self::Refused => "REFUSED",
            Self::Timeout => "TIMEOUT",
            Self::Unreachable => "UNREACHABLE",
            Self::Broken => "BROKEN",
            Self::Blocked => "BLOCKED",
        }
    }
}

/// `Retry-After` in seconds or as a date (RFC 9110 §10.2.3).
pub(crate) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(value).ok()?;
    (at.with_timezone(&Utc) - now).to_std().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_forms_of_retry_after() {
        let now = DateTime::from_timestamp(1_445_412_000, 0).unwrap();
        let read = |value: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        assert_eq!(read("120"), Some(120));
        assert_eq!(read("Wed, 21 Oct 2015 07:28:00 GMT"), Some(480));
        assert_eq!(read("Wed, 21 Oct 2015 07:00:00 GMT"), None);
        assert_eq!(read("soon"), None);
    }

    #[test]
    fn a_redirect_is_a_failure_and_410_is_final() {
        assert_eq!(Outcome::of_status(StatusCode::NO_CONTENT), Outcome::Succeeded);
        assert_eq!(Outcome::of_status(StatusCode::TEMPORARY_REDIRECT), Outcome::Redirect);
        assert_eq!(Outcome::of_status(StatusCode::GONE), Outcome::Gone);
        assert_eq!(Outcome::of_status(StatusCode::NOT_FOUND), Outcome::Refused);
    }
}
