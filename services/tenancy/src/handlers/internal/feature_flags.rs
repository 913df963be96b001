use witan_access::FeatureFlag;
use witan_web::{Json, Problem, State};

use crate::app::App;
use crate::flag_source::OwnFlags;

/// Every feature flag, for processes that decide by them in memory.
#[utoipa::path(get, path = "/internal/feature-flags", operation_id = "allFeatureFlags", tag = "internal",
    responses((status = 200, description = "All of them")))]
pub(crate) async fn handle(app: State<App>) -> Result<Json<Vec<FeatureFlag>>, Problem> {
    Ok(Json(OwnFlags(app.pg.clone()).all().await?))
}
