use witan_web::{Json, Problem, State};

use crate::app::App;

/// The issuers whose tokens are taken beside our own, for the other services.
#[utoipa::path(get, path = "/internal/issuers", operation_id = "internalIssuers", tag = "internal",
    responses((status = 200, description = "Issuers, to the letter", body = Vec<String>)))]
pub(crate) async fn handle(app: State<App>) -> Result<Json<Vec<String>>, Problem> {
    Ok(Json(app.trusted_issuers.names()))
}
