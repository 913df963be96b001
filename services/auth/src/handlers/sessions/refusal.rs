//! Credentials that do not hold.

use actix_web::http::header::{HeaderValue, WWW_AUTHENTICATE};
use witan_web::{Code, Problem};

/// A 401 names the scheme that the API understands (RFC 9110 §15.5.2).
pub(crate) fn refusal(code: &'static Code) -> Problem {
    Problem::new(code).header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"witan\""))
}
