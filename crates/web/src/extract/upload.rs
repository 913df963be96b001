use std::convert::Infallible;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use futures_util::stream;
use multer::Multipart;

use super::body::{limit, read};
use crate::{Problem, codes};

/// The field of a form that is the file.
const FIELD: &str = "file";

/// A file: the field `file` of a form (RFC 7578), or else the body as it is.
///
/// What kind of file it is, its content says; a header that says otherwise is not believed. 413 for too much, 400 for a
/// form that cannot be read, 422 for a form of anything but one file.
#[derive(Debug)]
pub struct Upload(pub Bytes);

impl FromRequest for Upload {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = limit(request);
        let boundary = boundary(request.headers());
        let payload = payload.take();
        Box::pin(async move {
            let boundary = boundary?;
            let body = read(payload, limit).await?;
            match boundary {
                Some(boundary) => only_file(body, boundary).await.map(Self),
                None => Ok(Self(body)),
            }
        })
    }
}

/// What separates the fields, if the body is a form.
fn boundary(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Problem::new(&codes::MEDIA_TYPE).detail("The body must not be compressed."));
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.trim_start().to_ascii_lowercase().starts_with("multipart/") {
        return Ok(None);
    }
    multer::parse_boundary(kind).map(Some).map_err(|error| {
        let detail = "A form must be multipart/form-data and say what separates its fields.";
        Problem::new(&codes::MEDIA_TYPE).detail(detail).source(error)
    })
}

async fn only_file(body: Bytes, boundary: String) -> Result<Bytes, Problem> {
    let mut form = Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
    let mut file = None;
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        match field.name() {
            Some(FIELD) if file.is_none() => file = Some(field.bytes().await.map_err(unreadable)?),
            Some(FIELD) => return Err(refuse("/file", "validation.repeated", "must be there once")),
            name => {
                let pointer = format!("/{}", crate::schema::violation::escape(name.unwrap_or_default()));
                return Err(refuse(pointer, "validation.unknown_member", "is not known here"));
            }
        }
    }
    file.ok_or_else(|| refuse("/file", "validation.required", "must be there"))
}

fn unreadable(error: multer::Error) -> Problem {
    Problem::new(&codes::UNPARSABLE).detail("The form cannot be read.").source(error)
}

fn refuse(pointer: impl Into<String>, code: &str, detail: &str) -> Problem {
    Problem::new(&codes::VALIDATION_FAILED).violation(pointer, code, detail)
}
