use std::error::Error;

use reqwest::StatusCode;
use serde_json::Value;

/// Why another service gave no answer that could be used.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It could not be reached, did not answer in time, or answered with a fault of its own.
    #[error("{peer} does not answer")]
    Unavailable {
        /// The service that was asked.
        peer: &'static str,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// It understood and refused.
    #[error("{peer} refused with {status} {code}")]
    Refused {
        /// The service that was asked.
        peer: &'static str,
        /// The status, between 400 and 499.
        status: StatusCode,
        /// The problem's code, such as `billing.limit_reached`.
        code: String,
        /// The whole problem (RFC 9457).
        problem: Value,
    },
    /// It answered with something else than agreed.
    #[error("{peer} answered with something else than agreed")]
    Malformed {
        /// The service that was asked.
        peer: &'static str,
        /// Why.
        source: serde_json::Error,
    },
}

impl ClientError {
    /// Whether the other service said that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if *status == StatusCode::NOT_FOUND)
    }
}

/// "There is no such thing" is an answer.
pub(crate) fn found<T>(answer: Result<T, ClientError>) -> Result<Option<T>, ClientError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
