//! What handlers answer with.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Problem;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// 200 with one thing.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

/// 201 with what was made, and where it is.
#[derive(Debug, Clone)]
pub struct Created<T> {
    /// Its path, such as `/api/v1/startups/stp_…`.
    pub location: String,
    /// The thing.
    pub body: T,
}

/// 202: it will be done; `location` says where to look, if anywhere.
#[derive(Debug, Clone)]
pub struct Accepted<T> {
    /// Where to look how it goes.
    pub location: Option<String>,
    /// What can be said now.
    pub body: T,
}

/// 204.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoContent;

/// 200 with some of many things.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The things, in order.
    pub data: Vec<T>,
    /// What to send as `cursor` for those that follow; null at the end.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Everything there is.
    pub fn whole(data: Vec<T>) -> Self {
        Self { data, next_cursor: None }
    }

    /// The first `limit` of `rows`, of which one more was asked for to learn whether there are more.
    pub fn of(mut rows: Vec<T>, limit: usize, cursor: impl FnOnce(&T) -> String) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(cursor);
        Self { data: rows, next_cursor }
    }

    /// The same page of something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { data: self.data.into_iter().map(f).collect(), next_cursor: self.next_cursor }
    }
}

impl<T: Serialize> Responder for Json<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        json(HttpResponse::Ok(), &self.0)
    }
}

impl<T: Serialize> Responder for Page<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        json(HttpResponse::Ok(), &self)
    }
}

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Created();
        response.insert_header((LOCATION, self.location));
        json(response, &self.body)
    }
}

impl<T: Serialize> Responder for Accepted<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Accepted();
        if let Some(location) = self.location {
            response.insert_header((LOCATION, location));
        }
        json(response, &self.body)
    }
}

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::new(StatusCode::NO_CONTENT)
    }
}

fn json(mut response: HttpResponseBuilder, value: &impl Serialize) -> HttpResponse {
    match serde_json::to_vec(value) {
        Ok(body) => response.insert_header((CONTENT_TYPE, JSON)).body(body),
        Err(error) => HttpResponse::from_error(Problem::internal(error)),
    }
}
