//! What a request shows of who is calling.

use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use witan_access::Principal;

use super::invalid_header;
use crate::Problem;
use crate::edge::Edge;
use crate::routes::endpoint::Endpoint;

/// Who is calling, for operations that ask for somebody.
pub(super) async fn authenticate(
    edge: &Edge,
    endpoint: &Endpoint,
    request: &ServiceRequest,
) -> Result<Option<Arc<Principal>>, Problem> {
    if !endpoint.access.needs_user() {
        return Ok(None);
    }
    let token = bearer(request.headers())?.ok_or_else(Problem::token_missing)?;
    Ok(Some(edge.0.access.verifier.verify(token).await?))
}

/// The bearer token (RFC 6750 section 2.1), if there is one.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut values = headers.get_all(AUTHORIZATION);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(invalid_header("Authorization must be there once."));
    }
    let Some((scheme, token)) = value.to_str().ok().and_then(|text| text.split_once(' ')) else {
        return Ok(None);
    };
    Ok(scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()))
}
