use jsonwebtoken::jwk::JwkSet;
use witan_access::KeySource as _;
use witan_web::{Json, Problem, State};

use crate::app::App;

/// The keys that access tokens are verified with, for the other services.
#[utoipa::path(get, path = "/internal/jwks", operation_id = "internalJwks", tag = "internal",
    responses((status = 200, description = "Public keys", body = serde_json::Value)))]
pub(crate) async fn handle(app: State<App>) -> Result<Json<JwkSet>, Problem> {
    Ok(Json(app.keys.jwks().await?))
}
