use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Problem, Violation};

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// What went wrong (RFC 9457).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
#[serde(rename_all = "camelCase")]
pub struct ProblemBody {
    /// A page that explains this kind of problem.
    #[serde(rename = "type")]
    #[schema(examples("/docs/problems#validation.failed"))]
    pub kind: String,
    /// A short sentence that is the same for every problem of this kind.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub detail: Option<String>,
    /// The path that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub instance: Option<String>,
    /// The kind of problem, `area.reason`.
    #[schema(examples("validation.failed"))]
    pub code: String,
    /// The request's id, to be quoted to support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub request_id: Option<String>,
    /// The id of the trace that the request belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub trace_id: Option<String>,
    /// Everything that is wrong with the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Violation>,
}

/// Which request a problem is the answer to.
#[derive(Debug, Default)]
pub(crate) struct Place<'a> {
    pub(crate) instance: Option<&'a str>,
    pub(crate) request_id: Option<&'a str>,
    pub(crate) trace_id: Option<&'a str>,
}

impl Problem {
    /// The body, as an answer to the request at `place`.
    pub(crate) fn body(&self, place: &Place<'_>) -> ProblemBody {
        let code = self.0.code;
        ProblemBody {
            kind: format!("/docs/problems#{}", code.code),
            title: code.title.to_owned(),
            status: code.status,
            detail: self.0.detail.clone(),
            instance: place.instance.map(str::to_owned),
            code: code.code.to_owned(),
            request_id: place.request_id.map(str::to_owned),
            trace_id: place.trace_id.map(str::to_owned),
            errors: self.0.violations.clone(),
        }
    }

    /// The whole answer.
    pub(crate) fn render(&self, place: &Place<'_>) -> HttpResponse {
        let mut response = HttpResponse::build(self.status());
        response.insert_header((CONTENT_TYPE, PROBLEM_JSON));
        for (name, value) in &self.0.headers {
            response.append_header((name.clone(), value.clone()));
        }
        // Strings and numbers always serialise.
        response.body(serde_json::to_vec(&self.body(place)).unwrap_or_default())
    }
}
