//! Errors in the form of OpenAI's API, for the paths that speak it: its clients read nothing else.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderName;
use serde::Serialize;

use super::Problem;

/// Tells OpenAI's clients whether the same request may succeed in a moment.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

#[derive(Serialize)]
struct Body {
    error: Fault,
}

#[derive(Serialize)]
struct Fault {
    message: String,
    r#type: &'static str,
    param: Option<String>,
    code: &'static str,
}

/// Whether a path speaks OpenAI's API.
pub(crate) fn is_spoken_at(path: &str) -> bool {
    path.strip_prefix("/v1").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Problem {
    /// The whole answer in OpenAI's form.
    pub(crate) fn render_for_openai(&self) -> HttpResponse {
        let (status, body) = self.for_openai();
        let mut response = HttpResponse::build(status);
        for (name, value) in &self.0.headers {
            response.append_header((name.clone(), value.clone()));
        }
        if self.status() == StatusCode::PAYMENT_REQUIRED {
            response.insert_header((SHOULD_RETRY, "false"));
        }
        response.json(body)
    }

    /// Status and body in OpenAI's form.
    pub fn for_openai(&self) -> (StatusCode, impl Serialize) {
        let own = self.status();
        let (status, kind, code) = match own {
            StatusCode::UNAUTHORIZED => (own, "authentication_error", "invalid_api_key"),
            StatusCode::FORBIDDEN => (own, "permission_error", self.code().code),
            StatusCode::TOO_MANY_REQUESTS => (own, "rate_limit_error", "rate_limit_exceeded"),
            // A plan that allows no more is a limit there, and not one that passes by itself.
            StatusCode::PAYMENT_REQUIRED => {
                (StatusCode::TOO_MANY_REQUESTS, "insufficient_quota", "insufficient_quota")
            }
            StatusCode::UNPROCESSABLE_ENTITY => {
                (StatusCode::BAD_REQUEST, "invalid_request_error", self.code().code)
            }
            own if own.is_server_error() => (own, "server_error", self.code().code),
            own => (own, "invalid_request_error", self.openai_code()),
        };
        let param = self.all_violations().first().map(|violation| param(&violation.pointer));
        (status, Body { error: Fault { message: self.message(), r#type: kind, param, code } })
    }

    fn openai_code(&self) -> &'static str {
        if self.code() == &crate::codes::council::MODEL_UNKNOWN {
            "model_not_found"
        } else {
            self.code().code
        }
    }

    fn message(&self) -> String {
        let told = self.0.detail.clone().unwrap_or_else(|| self.0.code.title.to_owned());
        let wrong = self.all_violations().iter();
        let wrong = wrong.map(|violation| format!(" `{}` {}.", param(&violation.pointer), violation.detail));
        wrong.fold(told, |message, wrong| message + &wrong)
    }
}

/// `/messages/0/content` as OpenAI writes it: `messages.0.content`.
fn param(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}
