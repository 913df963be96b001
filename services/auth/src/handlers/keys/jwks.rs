use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use witan_web::State;

use crate::app::App;

/// Verifiers may keep the answer this long; keys are published for longer before they sign.
pub(crate) const CACHING: &str = "public, max-age=300, stale-if-error=86400";

/// Publishes the keys that access tokens are verified with (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", operation_id = "getJwks", tag = "auth",
    responses((status = 200, description = "Public keys", body = serde_json::Value)))]
pub(crate) async fn handle(app: State<App>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, CACHING)).json(app.keys.published())
}
