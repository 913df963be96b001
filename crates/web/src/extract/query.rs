use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::edge::context::RequestContext;
use crate::{Problem, codes};

/// The query of a request.
///
/// The operation's `params(…)` say what it may look like: before the handler runs, 400 has named every parameter that is
/// unknown, repeated, missing or of the wrong form.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request).map(Self))
    }
}

pub(super) fn read<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Problem> {
    let context = RequestContext::of(request);
    let values = context.and_then(|context| context.query.get().cloned()).unwrap_or_default();
    serde_path_to_error::deserialize(Value::Object(values)).map_err(|error| {
        let name = error.path().to_string();
        Problem::new(&codes::QUERY_INVALID).violation(name, "validation.invalid", error.inner().to_string())
    })
}
