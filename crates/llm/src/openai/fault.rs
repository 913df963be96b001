//! What a failed call means.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use witan_egress::EgressError;

use crate::LlmError;

/// Codes with which providers say that a model is not there (any more).
const GONE: [&str; 4] = ["model_not_found", "model_decommissioned", "model_not_active", "not_found_error"];
/// Codes with which they say that they do not want to.
const REFUSED: [&str; 3] = ["content_filter", "content_policy_violation", "responsibleaipolicyviolation"];
/// How much of a provider's message is kept.
const MAX_MESSAGE: usize = 200;

pub(super) fn of_egress(error: EgressError) -> LlmError {
    match error {
        EgressError::Timeout(_) | EgressError::Idle(_) => LlmError::Timeout,
        EgressError::TooLarge(_) => LlmError::Malformed("the answer is too large".to_owned()),
        EgressError::Blocked | EgressError::Url(_) => {
            LlmError::BadRequest(format!("the base URL is not allowed: {error}"))
        }
        error => LlmError::Unavailable(error.to_string()),
    }
}

pub(super) fn of_answer(model: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> LlmError {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = body.get("error").unwrap_or(&body);
    // "No such model" is the one thing that makes a 404 or 410 without a code plain.
    if matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE) {
        return LlmError::ModelGone { model: model.to_owned() };
    }
    match (status, of_error(model, error)) {
        (StatusCode::TOO_MANY_REQUESTS, _) => LlmError::RateLimited { retry_after: retry_after(headers) },
        (_, told @ (LlmError::ModelGone { .. } | LlmError::Refused)) => told,
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::PAYMENT_REQUIRED, _) => {
            LlmError::Auth
        }
        (StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT, _) => LlmError::Timeout,
        (status, _) if status.is_client_error() => LlmError::BadRequest(message(error, status.as_str())),
        (status, _) => LlmError::Unavailable(status.to_string()),
    }
}

/// What an error object says, which also comes in the middle of a stream that began well.
pub(super) fn of_error(model: &str, error: &Value) -> LlmError {
    let code = ["code", "type"].into_iter().filter_map(|member| error[member].as_str());
    let codes: Vec<String> = code.map(str::to_lowercase).collect();
    let says = |known: &[&str]| codes.iter().any(|code| known.contains(&code.as_str()));
    if says(&GONE) {
        return LlmError::ModelGone { model: model.to_owned() };
    }
    if says(&REFUSED) {
        return LlmError::Refused;
    }
    if says(&["rate_limit_exceeded", "rate_limit_error"]) {
        return LlmError::RateLimited { retry_after: None };
    }
    LlmError::Unavailable(message(error, "an error without a message"))
}

fn message(error: &Value, otherwise: &str) -> String {
    let message = error["message"].as_str().or(error.as_str()).unwrap_or(otherwise);
    message.chars().take(MAX_MESSAGE).collect()
}

/// `Retry-After` in seconds or as a date (RFC 9110 section 10.2.3), which is compared with the provider's own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let wanted = text(RETRY_AFTER)?.trim();
    if let Ok(seconds) = wanted.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = |text: &str| DateTime::parse_from_rfc2822(text).ok().map(|at| at.with_timezone(&Utc));
    (date(wanted)? - date(text(DATE)?)?).to_std().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> LlmError {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        of_answer("m", StatusCode::from_u16(status).unwrap(), &headers, body.as_bytes())
    }

    #[test]
    fn errors_are_told_apart() {
        let gone = LlmError::ModelGone { model: "m".to_owned() };
        assert_eq!(fault(404, &[], "<html>"), gone);
        assert_eq!(fault(400, &[], r#"{"error":{"code":"model_decommissioned","message":"x"}}"#), gone);
        assert_eq!(fault(401, &[], ""), LlmError::Auth);
        assert_eq!(fault(400, &[], r#"{"error":{"code":"content_filter"}}"#), LlmError::Refused);
        assert_eq!(fault(400, &[], r#"{"error":{"message":"bad"}}"#), LlmError::BadRequest("bad".to_owned()));
        assert_eq!(fault(503, &[], "").kind(), "unavailable");
        assert_eq!(fault(504, &[], ""), LlmError::Timeout);
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let after = |seconds| LlmError::RateLimited { retry_after: Some(Duration::from_secs(seconds)) };
        assert_eq!(fault(429, &[("retry-after", "7")], ""), after(7));
        let dates =
            [("retry-after", "Fri, 20 Nov 2026 20:00:09 GMT"), ("date", "Fri, 20 Nov 2026 20:00:00 GMT")];
        assert_eq!(fault(429, &dates, ""), after(9));
        assert_eq!(fault(429, &[("retry-after", "soon")], ""), LlmError::RateLimited { retry_after: None });
    }
}
