use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceRequest;
use actix_web::http::{Method, StatusCode};
use bytes::Bytes;

use super::{Edge, metrics};
use crate::edge::context::RequestContext;

/// What a request that nobody waited for is counted as.
const ABANDONED: u16 = 499;

/// A body that tells when its last byte was taken: a stream is part of its request.
pub(crate) struct Observed {
    body: BoxBody,
    record: Record,
}

/// What is written down about a request when it ends, whatever ends it.
pub(crate) struct Record {
    edge: Edge,
    context: Rc<RequestContext>,
    method: &'static str,
    path: String,
    status: Option<StatusCode>,
    sent: u64,
    complete: bool,
}

impl Observed {
    pub(super) fn new(body: BoxBody, record: Record) -> Self {
        Self { body, record }
    }
}

impl MessageBody for Observed {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = &mut *self;
        let span = this.record.context.span.clone();
        let next = ready!(span.in_scope(|| Pin::new(&mut this.body).poll_next(cx)));
        match &next {
            Some(Ok(chunk)) => this.record.sent += chunk.len() as u64,
            Some(Err(error)) => span.in_scope(|| tracing::warn!(%error, "a stream broke")),
            None => this.record.complete = true,
        }
        // The server does not ask again once it has as much as was announced.
        if let BodySize::Sized(size) = this.body.size()
            && this.record.sent >= size
        {
            this.record.complete = true;
        }
        Poll::Ready(next)
    }
}

impl Record {
    pub(super) fn begin(edge: Edge, context: Rc<RequestContext>, request: &ServiceRequest) -> Self {
        metrics::begin();
        Self {
            edge,
            context,
            method: method(request.method()),
            path: request.path().to_owned(),
            status: None,
            sent: 0,
            complete: false,
        }
    }

    pub(super) fn answered(&mut self, status: StatusCode, size: BodySize) {
        self.status = Some(status);
        self.complete = size.is_eof() || self.method == "HEAD";
        self.context.span.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            self.context.span.record("otel.status_code", "ERROR");
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let context = &self.context;
        let took = context.started.elapsed();
        let status = self.status.map_or(ABANDONED, |status| status.as_u16());
        let route = context.endpoint.get().map(|endpoint| endpoint.path.as_str());
        metrics::end(&self.edge.0.service, self.method, route, status, took);
        context.span.in_scope(|| {
            tracing::info!(
                target: "witan_web::access",
                method = self.method,
                path = self.path,
                status,
                took_ms = took.as_secs_f64() * 1000.0,
                bytes = self.sent,
                complete = self.complete,
                request_id = context.request_id,
                "request"
            );
        });
    }
}

/// A method that we do not know must not become a label of its own.
fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}
