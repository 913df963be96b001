use std::cell::{OnceCell, RefCell};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::HttpMessage;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderValue;
use serde_json::{Map, Value};
use tokio::time::Instant;
use tracing::Span;
use witan_access::{Membership, Principal};

use crate::cookies::Origins;
use crate::problem::Place;
use crate::routes::endpoint::Endpoint;

/// What is known about a request; the same for everybody who handles it.
#[derive(Debug)]
pub struct RequestContext {
    pub(crate) request_id: String,
    pub(crate) trace_id: Option<String>,
    pub(crate) client: Option<IpAddr>,
    pub(crate) origins: Origins,
    pub(crate) started: Instant,
    pub(crate) span: Span,
    pub(crate) endpoint: OnceCell<Arc<Endpoint>>,
    pub(crate) principal: OnceCell<Arc<Principal>>,
    pub(crate) membership: OnceCell<Arc<Membership>>,
    pub(crate) service: OnceCell<String>,
    pub(crate) query: OnceCell<Map<String, Value>>,
    /// `RateLimit-Policy` and `RateLimit` of the answer.
    pub(crate) limits: RefCell<Option<(HeaderValue, HeaderValue)>>,
}

impl RequestContext {
    /// The request's id.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The id of the trace that it belongs to.
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    /// The address of whoever asks, behind the gateway.
    pub fn client(&self) -> Option<IpAddr> {
        self.client
    }

    /// What a problem with the request says about it.
    pub(crate) fn place<'a>(&'a self, path: &'a str) -> Place<'a> {
        Place { instance: Some(path), request_id: Some(&self.request_id), trace_id: self.trace_id.as_deref() }
    }

    /// The context of a request, if it came in through the edge.
    pub fn of(request: &impl HttpMessage) -> Option<Rc<Self>> {
        request.extensions().get::<Rc<Self>>().cloned()
    }

    pub(crate) fn keep(self: &Rc<Self>, request: &ServiceRequest) {
        request.extensions_mut().insert(self.clone());
    }
}
