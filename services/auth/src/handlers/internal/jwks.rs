use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::app::App;

/// The keys that access tokens are verified with, for the other services.
#[utoipa::path(get, path = "/internal/jwks", operation_id = "internalJwks", tag = "internal",
    responses((status = 200, description = "Public keys", body = serde_json::Value)))]
pub(crate) async fn handle(app: Data<App>) -> HttpResponse {
    HttpResponse::Ok().json(app.keys.published())
}
