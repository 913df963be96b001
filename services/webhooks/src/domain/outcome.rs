//! What one attempt came to, and what follows from it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The result of one attempt, in the words of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = WebhookOutcome)]
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
    /// Of an HTTP status.
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
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

    /// As stored; nothing but these is ever written.
    pub(crate) fn from_column(text: &str) -> Self {
        match text {
            "SUCCEEDED" => Self::Succeeded,
            "GONE" => Self::Gone,
            "REDIRECT" => Self::Redirect,
            "REFUSED" => Self::Refused,
            "TIMEOUT" => Self::Timeout,
            "UNREACHABLE" => Self::Unreachable,
            "BLOCKED" => Self::Blocked,
            _ => Self::Broken,
        }
    }
}

/// How long `Retry-After` asks to wait, in seconds or as a date (RFC 9110 §10.2.3).
pub(crate) fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
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
        let read = |value: &str| retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(read("120"), Some(120));
        assert_eq!(read("Wed, 21 Oct 2015 07:28:00 GMT"), Some(480));
        assert_eq!(read("Wed, 21 Oct 2015 07:00:00 GMT"), None);
        assert_eq!(read("soon"), None);
    }

    #[test]
    fn a_redirect_is_a_failure_and_410_is_final() {
        assert_eq!(Outcome::of_status(204), Outcome::Succeeded);
        assert_eq!(Outcome::of_status(307), Outcome::Redirect);
        assert_eq!(Outcome::of_status(410), Outcome::Gone);
        assert_eq!(Outcome::of_status(404), Outcome::Refused);
    }
}
