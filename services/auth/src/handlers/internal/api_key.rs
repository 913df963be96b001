use serde::Deserialize;
use utoipa::IntoParams;
use witan_access::ApiKeyRecord;
use witan_access::api_key::ApiKeyProof;
use witan_web::{Json, Problem, Query, State};

use crate::api_keys::StoredApiKeys;
use crate::app::App;

/// What of a key the asking service may know.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Shown {
    /// The part of the key that is no secret.
    #[param(max_length = 40)]
    prefix: String,
    /// The SHA-256 of the key, in hexadecimal.
    #[param(min_length = 64, max_length = 64)]
    digest: String,
}

/// Whom an API key stands for, for the other services. The key itself stays where it was shown.
#[utoipa::path(get, path = "/internal/api-keys", operation_id = "internalApiKey", tag = "internal", params(Shown),
    responses(
        (status = 200, description = "The key", body = serde_json::Value),
        (status = 404, description = "It is not known, has ended, or was revoked.")))]
pub(crate) async fn handle(
    app: State<App>,
    Query(shown): Query<Shown>,
) -> Result<Json<ApiKeyRecord>, Problem> {
    let proof = ApiKeyProof::parse(&shown.prefix, &shown.digest).ok_or_else(Problem::not_found)?;
    let keys = StoredApiKeys { pg: app.pg.clone(), clock: app.clock.clone() };
    keys.look_up(&proof).await?.map(Json).ok_or_else(Problem::not_found)
}
