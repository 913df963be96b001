//! What a request shows of who is calling: a bearer token, an API key, or a browser's cookie. Never two of them.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use witan_access::Principal;
use witan_access::api_key::ApiKeyProof;

use super::invalid_header;
use crate::edge::Edge;
use crate::problem::openai;
use crate::routes::endpoint::Endpoint;
use crate::{Problem, codes, cookies};

const API_KEY: &str = "x-api-key";

/// Who is calling, for operations that ask for somebody.
pub(super) async fn authenticate(
    edge: &Edge,
    endpoint: &Endpoint,
    request: &ServiceRequest,
) -> Result<Option<Arc<Principal>>, Problem> {
    if !endpoint.access.needs_user() {
        return Ok(None);
    }
    let request = request.request();
    let cookie = cookies::read(request, cookies::ACCESS)?;
    let key = api_key(request.headers())?;
    let shown = [request.headers().contains_key(AUTHORIZATION), key.is_some(), cookie.is_some()];
    if shown.into_iter().filter(|shown| *shown).count() > 1 {
        return Err(Problem::new(&codes::CREDENTIALS_MIXED));
    }
    let access = &edge.0.access;
    let principal = match (key, cookie) {
        (Some(key), _) => access.api_keys.verify(key).await?,
        (None, Some(token)) => with_cookie(edge, request, &token).await?,
        (None, None) => {
            let token = bearer(request.headers())?.ok_or_else(Problem::token_missing)?;
            // OpenAI's clients know no other place for a key.
            match openai::is_spoken_at(&endpoint.path) && is_api_key(token) {
                true => access.api_keys.verify(token).await?,
                false => access.verify_bearer(token).await?,
            }
        }
    };
    Ok(Some(principal))
}

/// Only tokens of ours are put into cookies. A cookie alone says what a browser may do, not that a page of ours asked it to.
async fn with_cookie(edge: &Edge, request: &HttpRequest, token: &str) -> Result<Arc<Principal>, Problem> {
    cookies::check_origin(request)?;
    let principal = edge.0.access.verifier.verify(token).await?;
    if let Some(session) = principal.session_id() {
        cookies::check_csrf(request, edge.0.access.csrf(), session)?;
    }
    Ok(principal)
}

fn api_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut values = headers.get_all(API_KEY);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(invalid_header("X-API-Key must be there once."));
    }
    // What is no text is no key either, and is refused as one.
    Ok(Some(value.to_str().unwrap_or_default()))
}

fn is_api_key(token: &str) -> bool {
    ApiKeyProof::of(token).is_some()
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
