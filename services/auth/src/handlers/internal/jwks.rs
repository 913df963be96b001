use actix_web::HttpResponse;
use witan_web::State;

use crate::app::App;

/// The keys that access tokens are verified with, for the other services.
#[utoipa::path(get, path = "/internal/jwks", operation_id = "internalJwks", tag = "internal",
    responses((status = 200, description = "Public keys", body = serde_json::Value)))]
pub(crate) async fn handle(app: State<App>) -> HttpResponse {
    HttpResponse::Ok().json(app.keys.published())
}
