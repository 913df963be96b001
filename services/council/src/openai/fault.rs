use std::time::Duration;

use serde_json::json;
use witan_llm::LlmError;
use witan_web::{Problem, SseEvent, codes};

/// What a provider that does not say when to come back is given.
const REST: Duration = Duration::from_secs(5);

/// Why a model did not answer, as the answer to the request.
pub(crate) fn problem(error: LlmError) -> Problem {
    let code = match &error {
        LlmError::ModelGone { .. } => &codes::council::MODEL_UNKNOWN,
        LlmError::RateLimited { .. } => &codes::council::MODEL_LIMITED,
        LlmError::Overloaded { .. } | LlmError::Open { .. } | LlmError::Unavailable(_) => {
            &codes::council::MODEL_UNAVAILABLE
        }
        LlmError::Timeout => &codes::council::MODEL_TIMEOUT,
        LlmError::BadRequest(_) => &codes::council::MODEL_BAD_REQUEST,
        LlmError::Refused => &codes::council::MODEL_REFUSED,
        _ => &codes::council::MODEL_FAILED,
    };
    let problem = Problem::new(code).detail(error.to_string());
    match error {
        LlmError::RateLimited { retry_after } | LlmError::Overloaded { retry_after } => {
            problem.retry_after(retry_after.unwrap_or(REST))
        }
        LlmError::Open { retry_after } => problem.retry_after(retry_after),
        LlmError::Unavailable(_) => problem.retry_after(REST),
        _ => problem,
    }
}

/// The same in the middle of a stream, which then has no clean end.
pub(crate) fn event(problem: &Problem) -> SseEvent {
    let message = problem.to_string();
    let error =
        json!({ "message": message, "type": "server_error", "param": null, "code": problem.code().code });
    SseEvent::unnamed(&json!({ "error": error })).ending()
}
