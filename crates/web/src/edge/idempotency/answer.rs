use std::rc::Rc;

use actix_web::HttpResponse;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION};
use serde::{Deserialize, Serialize};

use crate::edge::context::RequestContext;
use crate::problem::ProblemBody;
use crate::{Problem, codes};

/// Larger answers are not kept.
const MAX_BYTES: usize = 256 * 1024;
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// What of the head belongs to the answer rather than to the request.
const KEPT: [HeaderName; 3] = [CONTENT_TYPE, LOCATION, ETAG];

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Headers,
    /// `None` when it was a stream or too large.
    pub(super) body: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Headers(pub(super) Vec<(String, String)>);

/// Takes a copy of an answer that is worth keeping.
pub(super) fn keep(response: ServiceResponse) -> (ServiceResponse, Option<Answer>) {
    let status = response.status();
    if !lasts(status) {
        return (response, None);
    }
    let text = |name: &HeaderName| {
        let value = response.headers().get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    };
    let headers = Headers(KEPT.iter().filter_map(text).collect());
    // A problem's body is written when it leaves, from the error that travels with the response.
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let (body, copy) = match body.try_into_bytes() {
        Ok(bytes) => {
            let copy = (bytes.len() <= MAX_BYTES).then(|| bytes.to_vec());
            (actix_web::body::BoxBody::new(bytes), copy)
        }
        Err(stream) => (stream, None),
    };
    let answer = Answer { status: status.as_u16(), headers, body: copy };
    (ServiceResponse::new(request, head.set_body(body)), Some(answer))
}

/// Whether the same request would be answered the same tomorrow.
fn lasts(status: StatusCode) -> bool {
    !(status.is_server_error() || matches!(status.as_u16(), 402 | 408 | 409 | 425 | 429))
}

/// The kept answer, as an answer to this request.
pub(super) fn replay(
    answer: Answer,
    context: &Rc<RequestContext>,
    request: ServiceRequest,
) -> ServiceResponse {
    let Some(body) = answer.body else {
        return request.error_response(Problem::new(&codes::IDEMPOTENCY_NO_REPLAY));
    };
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    for (name, value) in answer.headers.0 {
        response.insert_header((name, value));
    }
    response.insert_header((REPLAYED, HeaderValue::from_static("true")));
    let body = if status.as_u16() >= 400 { readdress(body, context, request.path()) } else { body };
    request.into_response(response.body(body))
}

/// A problem names the request that it answers, which is another one now.
fn readdress(body: Vec<u8>, context: &RequestContext, path: &str) -> Vec<u8> {
    let Ok(mut problem) = serde_json::from_slice::<ProblemBody>(&body) else { return body };
    problem.instance = Some(path.to_owned());
    problem.request_id = Some(context.request_id.clone());
    problem.trace_id.clone_from(&context.trace_id);
    serde_json::to_vec(&problem).unwrap_or(body)
}
