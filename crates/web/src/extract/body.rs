use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use crate::edge::context::RequestContext;
use crate::extract::json::Unambiguous;
use crate::schema::violation::escape;
use crate::schema::{Checker, components};
use crate::{Problem, codes};

/// How long a body may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(15);
/// For handlers that are not in a table, such as in a test.
const FALLBACK_LIMIT: usize = 256 * 1024;

/// The body of a request as JSON, checked against the schema of `T` in the API document.
///
/// 415 for another type, 413 for too much, 400 for no JSON, 422 with every violation for the wrong JSON.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + ToSchema + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = limit(request);
        let typed = check_type(request.headers());
        let payload = payload.take();
        Box::pin(async move {
            typed?;
            let bytes = read(payload, limit).await?;
            parse(&bytes).map(Self)
        })
    }
}

/// How large a body the request's operation takes, in bytes.
pub(super) fn limit(request: &HttpRequest) -> usize {
    RequestContext::of(request)
        .and_then(|context| context.endpoint.get().map(|endpoint| endpoint.body_limit))
        .unwrap_or(FALLBACK_LIMIT)
}

/// The whole body, if it is not too large and arrives in time.
pub(crate) async fn read(payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let arrived = tokio::time::timeout(ARRIVAL, collect(payload, limit)).await;
    arrived.unwrap_or_else(|late| Err(Problem::new(&codes::REQUEST_TIMEOUT).source(late)))
}

pub(crate) fn too_large(limit: usize) -> Problem {
    Problem::new(&codes::BODY_TOO_LARGE).detail(format!("The body may have {limit} bytes."))
}

async fn collect(mut payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Problem::new(&codes::UNPARSABLE).source(error))?;
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        // Nearly every body comes in one piece, which need not be copied.
        if body.is_empty() && chunk.len() < limit {
            body = BytesMut::from(chunk);
        } else {
            body.extend_from_slice(&chunk);
        }
    }
    Ok(body.freeze())
}

pub(super) fn check_type(headers: &HeaderMap) -> Result<(), Problem> {
    let refuse = |detail: &str| Err(Problem::new(&codes::MEDIA_TYPE).detail(detail));
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return refuse("The body must not be compressed.");
    }
    let text = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let json =
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    let charset =
        parts.find_map(|part| part.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("charset")));
    match charset {
        _ if !json => refuse("The body must be application/json."),
        Some((_, charset)) if !charset.trim_matches('"').eq_ignore_ascii_case("utf-8") => {
            refuse("The body must be in UTF-8.")
        }
        _ => Ok(()),
    }
}

pub(super) fn parse<T: DeserializeOwned + ToSchema + 'static>(bytes: &[u8]) -> Result<T, Problem> {
    let Unambiguous(value) = serde_json::from_slice(bytes).map_err(unparsable)?;
    let violations = checker::<T>().violations(&value);
    if !violations.is_empty() {
        return Err(Problem::new(&codes::VALIDATION_FAILED).violations(violations));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let pointer = pointer(error.path());
        Problem::new(&codes::VALIDATION_FAILED).violation(
            pointer,
            "validation.invalid",
            error.inner().to_string(),
        )
    })
}

fn unparsable(error: serde_json::Error) -> Problem {
    let what = if error.is_data() { "has a member twice" } else { "is not JSON" };
    let place = format!("The body {what}: line {}, column {}.", error.line(), error.column());
    Problem::new(&codes::UNPARSABLE).detail(place).source(error)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escape(key)),
            Segment::Enum { .. } | Segment::Unknown => String::new(),
        })
        .collect()
}

/// The checker of a type, compiled the first time.
fn checker<T: ToSchema + 'static>() -> Arc<Checker> {
    static CHECKERS: LazyLock<RwLock<HashMap<TypeId, Arc<Checker>>>> = LazyLock::new(RwLock::default);
    let known = CHECKERS.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()).cloned();
    known.unwrap_or_else(|| {
        let checker = Arc::new(compile::<T>());
        CHECKERS.write().unwrap_or_else(PoisonError::into_inner).insert(TypeId::of::<T>(), checker.clone());
        checker
    })
}

fn compile<T: ToSchema>() -> Checker {
    let mut schemas = Vec::new();
    T::schemas(&mut schemas);
    let schema = serde_json::to_value(T::schema()).unwrap_or(Value::Bool(true));
    Checker::compile(schema, components(schemas))
}
