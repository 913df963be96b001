//! What can be said of every operation, where its handler left it out.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, Header, Ref, RefOr, Response, Schema};

/// What a status means, for the operations that can answer it.
const MEANINGS: [(u16, &str); 12] = [
    (400, "The request cannot be read, or its query or a header is not valid."),
    (401, "Nobody knows who is calling."),
    (403, "The caller may not: the role, the key's scope, a fresh proof or the page's origin is not enough."),
    (404, "It does not exist, or the caller may not see it."),
    (408, "The body took too long to arrive."),
    (409, "It conflicts with what is there, or the same request is still under way."),
    (413, "The body is too large."),
    (415, "The body is not JSON in UTF-8."),
    (422, "The request was understood and is wrong; `errors` names every violation."),
    (429, "Too many requests; `Retry-After` says when to come back."),
    (500, "Something went wrong on our side."),
    (503, "Something we depend on does not answer; `Retry-After` says when to try again."),
];

/// Describes path parameters, the body of every error, and the headers that say where to look and when to come back.
pub(super) fn complete(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && parameter.parameter_in == ParameterIn::Path
        {
            describe(parameter);
        }
    }
    for (status, response) in &mut operation.responses.responses {
        if let (Ok(status), RefOr::T(response)) = (status.parse::<u16>(), response) {
            complete_response(status, response);
        }
    }
}

/// The answer with a problem of this status.
pub(super) fn problem(status: u16) -> RefOr<Response> {
    let meaning = MEANINGS.iter().find(|(known, _)| *known == status).map_or("", |(_, meaning)| meaning);
    RefOr::T(ResponseBuilder::new().description(meaning).build())
}

fn complete_response(status: u16, response: &mut Response) {
    if status >= 400 && response.content.is_empty() {
        let schema: RefOr<Schema> = RefOr::Ref(Ref::from_schema_name("Problem"));
        response.content.insert("application/problem+json".to_owned(), Content::new(Some(schema)).into());
    }
    let header = match status {
        201 => ("Location", header(Type::String, "The path of what was made.")),
        429 | 503 => ("Retry-After", header(Type::Integer, "Seconds to wait.")),
        _ => return,
    };
    response.headers.entry(header.0.to_owned()).or_insert(header.1);
}

fn header(kind: Type, description: &str) -> RefOr<Header> {
    let schema = ObjectBuilder::new().schema_type(kind);
    RefOr::T(HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build())
}

/// `conversationId` is the id of the conversation.
fn describe(parameter: &mut Parameter) {
    if parameter.description.as_deref().is_some_and(|text| !text.is_empty()) {
        return;
    }
    let noun = parameter.name.strip_suffix("Id").unwrap_or(&parameter.name);
    parameter.description = Some(format!("The id of the {noun}."));
}
