use witan_ids::ApiKeyId;
use witan_web::{Caller, Json, Path, Problem, State};

use super::owner::check;
use super::view::ApiKey;
use crate::app::App;
use crate::store::api_keys::api_key_find;

/// Shows what is known of an API key.
#[utoipa::path(get, path = "/api/v1/api-keys/{keyId}", operation_id = "getApiKey", tag = "api-keys",
    params(("keyId" = ApiKeyId, Path, description = "The key")),
    responses((status = 200, description = "The key, without the key itself", body = ApiKey)))]
pub(crate) async fn handle(
    app: State<App>,
    caller: Caller,
    Path(id): Path<ApiKeyId>,
) -> Result<Json<ApiKey>, Problem> {
    let now = app.clock.now();
    let found = app.pg.read("api_key.show", async |conn| api_key_find(conn, id, now).await).await?;
    let key = found.ok_or_else(Problem::not_found)?;
    check(&app, &caller, &key).await?;
    Ok(Json(ApiKey::of(key)))
}
