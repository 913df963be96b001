//! Whence a request came.

use std::future::{Ready, ready};
use std::rc::Rc;

use actix_web::dev::Payload;
use actix_web::http::header::USER_AGENT;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use witan_web::{Problem, RequestContext};

/// Longest user agent that is kept, in characters.
const MAX_USER_AGENT: usize = 256;

/// What is known of a client, for sessions and for the audit log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Client {
    /// Its address, behind the gateway; empty when there is none.
    pub(crate) ip: String,
    /// What it said it is, cut to 256 characters.
    pub(crate) user_agent: String,
    /// The trace of its request.
    pub(crate) trace_id: String,
}

impl Client {
    /// The client of a request.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let context = request.extensions().get::<Rc<RequestContext>>().cloned();
        let ip = context.as_ref().and_then(|context| context.client());
        let trace_id = context.as_ref().and_then(|context| context.trace_id()).unwrap_or_default();
        let header = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
        Self {
            ip: ip.map(|ip| ip.to_string()).unwrap_or_default(),
            user_agent: header.unwrap_or_default().chars().take(MAX_USER_AGENT).collect(),
            trace_id: trace_id.to_owned(),
        }
    }
}

impl FromRequest for Client {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}
