//! What a failed call means. The APIs name their errors differently and not against each other, so that one list serves
//! all, also those of gateways that stand in front of them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use witan_egress::EgressError;

use crate::LlmError;

/// Words with which providers say that a model is not there (any more).
const GONE: [&str; 5] =
    ["model_not_found", "model_decommissioned", "model_not_active", "not_found_error", "not_found"];
/// That they do not want to.
const REFUSED: [&str; 3] = ["content_filter", "content_policy_violation", "responsibleaipolicyviolation"];
/// That the key is no good, or not paid for.
const AUTH: [&str; 8] = [
    "invalid_api_key",
    "api_key_invalid",
    "authentication_error",
    "unauthenticated",
    "permission_error",
    "permission_denied",
    "billing_error",
    "insufficient_quota",
];
const LIMITED: [&str; 3] = ["rate_limit_exceeded", "rate_limit_error", "resource_exhausted"];
const OVERLOADED: [&str; 2] = ["overloaded_error", "overloaded"];
const LATE: [&str; 2] = ["timeout_error", "deadline_exceeded"];
/// 529: Anthropic's; 498: Groq's, when there is no room at the tier that was paid for.
const OVERLOADED_STATUS: [u16; 2] = [529, 498];
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
    // Google puts the error of a stream into a list.
    let body = body.get(0).unwrap_or(&body);
    let error = body.get("error").unwrap_or(body);
    let told = of_error(model, error);
    let after = |told| retry_after(headers).or(told);
    match (status, told) {
        (_, told @ (LlmError::ModelGone { .. } | LlmError::Refused | LlmError::Auth)) => told,
        // "No such model" is the one thing that makes a 404 or 410 without a word plain.
        (StatusCode::NOT_FOUND | StatusCode::GONE, _) => LlmError::ModelGone { model: model.to_owned() },
        (StatusCode::TOO_MANY_REQUESTS, LlmError::RateLimited { retry_after }) => {
            LlmError::RateLimited { retry_after: after(retry_after) }
        }
        (StatusCode::TOO_MANY_REQUESTS, _) => LlmError::RateLimited { retry_after: after(None) },
        (_, LlmError::Overloaded { retry_after }) => LlmError::Overloaded { retry_after: after(retry_after) },
        (status, _) if OVERLOADED_STATUS.contains(&status.as_u16()) => {
            LlmError::Overloaded { retry_after: after(None) }
        }
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
    let details = || error["details"].as_array().into_iter().flatten();
    let named = ["code", "type", "status"].into_iter().filter_map(|member| error[member].as_str());
    let words = named.chain(details().filter_map(|detail| detail["reason"].as_str()));
    let words: Vec<String> = words.map(str::to_lowercase).collect();
    let says = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    if says(&GONE) {
        return LlmError::ModelGone { model: model.to_owned() };
    }
    if says(&REFUSED) {
        return LlmError::Refused;
    }
    if says(&AUTH) {
        return LlmError::Auth;
    }
    let retry_after = details().find_map(|detail| seconds(detail["retryDelay"].as_str()?.strip_suffix('s')?));
    if says(&LIMITED) {
        return LlmError::RateLimited { retry_after };
    }
    if says(&OVERLOADED) {
        return LlmError::Overloaded { retry_after };
    }
    if says(&LATE) {
        return LlmError::Timeout;
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
    let date = |text: &str| DateTime::parse_from_rfc2822(text).ok().map(|at| at.with_timezone(&Utc));
    seconds(wanted).or_else(|| (date(wanted)? - date(text(DATE)?)?).to_std().ok())
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
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
        assert_eq!(fault(429, &[], r#"{"error":{"code":"insufficient_quota"}}"#), LlmError::Auth);
    }

    #[test]
    fn anthropics_words_are_known() {
        let says = |status, kind| {
            fault(status, &[], &format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"x"}}}}"#))
        };
        assert_eq!(says(404, "not_found_error").kind(), "model_gone");
        assert_eq!(says(529, "overloaded_error"), LlmError::Overloaded { retry_after: None });
        assert_eq!(fault(529, &[("retry-after", "4")], "").kind(), "overloaded");
        assert_eq!(says(402, "billing_error"), LlmError::Auth);
        assert_eq!(says(413, "request_too_large").kind(), "bad_request");
        assert_eq!(says(500, "api_error").kind(), "unavailable");
    }

    #[test]
    fn googles_words_are_known() {
        let says = |status, word: &str, details: &str| {
            let error = format!(r#"{{"error":{{"code":1,"status":"{word}","details":[{details}]}}}}"#);
            // As it comes from `generateContent` and from a stream.
            let (whole, list) = (fault(status, &[], &error), fault(status, &[], &format!("[{error}]")));
            assert_eq!(whole, list);
            whole
        };
        let info = r#"{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}"#;
        let after = Some(Duration::from_millis(34_500));
        assert_eq!(says(429, "RESOURCE_EXHAUSTED", info), LlmError::RateLimited { retry_after: after });
        assert_eq!(says(400, "INVALID_ARGUMENT", r#"{"reason":"API_KEY_INVALID"}"#), LlmError::Auth);
        assert_eq!(says(400, "INVALID_ARGUMENT", "").kind(), "bad_request");
        assert_eq!(says(404, "NOT_FOUND", "").kind(), "model_gone");
        assert_eq!(says(503, "UNAVAILABLE", "").kind(), "unavailable");
        assert_eq!(says(504, "DEADLINE_EXCEEDED", ""), LlmError::Timeout);
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
