use std::time::Duration;

use actix_web::http::header::{HeaderValue, WWW_AUTHENTICATE};
use witan_access::{AccessError, Denial};
use witan_pg::PgError;

use super::Problem;
use crate::codes;

const SOON: Duration = Duration::from_secs(1);

impl From<PgError> for Problem {
    fn from(error: PgError) -> Self {
        match &error {
            PgError::NotFound => Self::not_found(),
            PgError::Conflict { .. } => Self::new(&codes::CONFLICT).source(error),
            _ if error.is_transient() => Self::new(&codes::UNAVAILABLE).retry_after(SOON).source(error),
            _ => Self::internal(error),
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Denied(denial) => denial.into(),
            AccessError::Unavailable { .. } => {
                Self::new(&codes::DEPENDENCY_UNAVAILABLE).retry_after(SOON).source(error)
            }
        }
    }
}

/// RFC 6750 section 3.1 names the errors of the challenge.
impl From<Denial> for Problem {
    fn from(denial: Denial) -> Self {
        let code = match denial {
            Denial::Expired => &codes::TOKEN_EXPIRED,
            Denial::ApiKey => &codes::API_KEY_INVALID,
            Denial::Revoked => &codes::SESSION_ENDED,
            _ => &codes::TOKEN_INVALID,
        };
        let challenge =
            format!("Bearer realm=\"witan\", error=\"invalid_token\", error_description=\"{denial}\"");
        Self::new(code).detail(sentence(&denial.to_string())).header(WWW_AUTHENTICATE, challenge)
    }
}

impl Problem {
    /// Nothing was sent that says who is calling.
    pub(crate) fn token_missing() -> Self {
        Self::new(&codes::TOKEN_MISSING)
            .header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"witan\""))
    }
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| format!("{}{}.", first.to_uppercase(), characters.as_str()))
        .unwrap_or_default()
}
