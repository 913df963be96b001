use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpRequest};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::body::{check_type, limit, parse, read};
use crate::Problem;

/// The body exactly as it came, with the headers: for signatures, which hold for these bytes alone.
///
/// 415 for another type than JSON, 413 for too much.
#[derive(Debug, Clone)]
pub struct Raw {
    /// All headers, those that came twice twice.
    pub headers: HeaderMap,
    /// The bytes.
    pub body: Bytes,
}

impl Raw {
    /// The body as JSON, checked against the schema of `T` in the API document as [`Body`](crate::Body) does. To be asked for
    /// once the signature is known to hold.
    ///
    /// # Errors
    /// 400 for no JSON, 422 with every violation for the wrong JSON.
    pub fn json<T: DeserializeOwned + ToSchema + 'static>(&self) -> Result<T, Problem> {
        parse(&self.body)
    }
}

impl FromRequest for Raw {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limit = limit(request);
        let headers = request.headers().clone();
        let payload = payload.take();
        Box::pin(async move {
            check_type(&headers)?;
            Ok(Self { body: read(payload, limit).await?, headers })
        })
    }
}
