use serde::Deserialize;
use utoipa::ToSchema;
use witan_access::OutsideTokenVerdict;
use witan_web::{Body, Json, Problem, State};

use crate::app::App;
use crate::outside::judge;

/// A token and what JSON adds to it.
pub(crate) const MAX_BODY: usize = 17 * 1024;

/// What somebody showed another service.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct OutsideTokenShown {
    /// A token of one of the issuers that `internalIssuers` names.
    #[schema(min_length = 1, max_length = 16384)]
    token: String,
}

/// Whom a token of another issuer speaks of, for the other services. Its first use opens a session.
#[utoipa::path(post, path = "/internal/outside-tokens", operation_id = "internalOutsideToken", tag = "internal",
    request_body = OutsideTokenShown,
    responses(
        (status = 200, description = "The user and the session, or why there are none", body = serde_json::Value),
        (status = 503, description = "The issuer's keys cannot be had.")))]
pub(crate) async fn handle(
    app: State<App>,
    Body(shown): Body<OutsideTokenShown>,
) -> Result<Json<OutsideTokenVerdict>, Problem> {
    Ok(Json(Box::pin(judge(&app, &shown.token)).await?))
}
